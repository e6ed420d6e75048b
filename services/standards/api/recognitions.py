"""Routes of recognition between tenants."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.standards.api.routes import routes
from services.standards.commands import objections as objecting
from services.standards.commands import recognitions as commands
from services.standards.domain.scopes import DECIDE, READ, WRITE
from services.standards.models import Recognition
from services.standards.queries import recognitions
from services.standards.schemas import recognitions as schemas
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing, ReasonDraft
from shared.http.lists.signing import SignatureDraft
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.rules.acts import Act

ALL = "/v1/recognitions"
ONE = f"{ALL}/<uuid:key>"
RECOGNITION = ResourceView(
    kind=Recognition,
    view=schemas.RecognitionView,
    present=recognitions.present_recognitions,
    url=lambda row: f"{ALL}/{row.id}",
)
AGREED = Act("standards.recognition.agreed", "同意互认", "Recognition agreed")
SUSPENDED = Act("standards.recognition.suspended", "暂停互认", "Recognition suspended")
RESUMED = Act("standards.recognition.resumed", "恢复互认", "Recognition resumed")
ENDED = Act("standards.recognition.ended", "终止互认", "Recognition ended")
RESTORED = Act("standards.recognition.restored", "更正互认", "Recognition corrected")


@routes.list(ALL, RECOGNITION, scope=READ, summary="互认列表 / Recognitions", query=schemas.RecognitionFilter,
             order=recognitions.RECOGNITIONS)  # fmt: skip
def list_recognitions(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Recognitions of which the caller's tenant is a side, newest first."""
    return recognitions.recognitions(session, filters, paging=paging)


@routes.create(
    ALL, RECOGNITION, scope=WRITE, summary="提出互认 / Propose a recognition", draft=schemas.RecognitionDraft
)
def propose_recognition(session: Session, **arguments: Any) -> Recognition:
    """A proposal that the caller's tenant recognises what another one issues."""
    return commands.propose_recognition(session, **arguments)


@routes.get(ONE, RECOGNITION, scope=READ, summary="一份互认 / One recognition")
def show_recognition(session: Session, key: UUID) -> Recognition:
    """One recognition."""
    return session.one(Recognition, key)


for action, run, text, draft, act in (
    ("agree", commands.agree_to_recognition, "同意 / Agree", SignatureDraft, AGREED),
    ("suspend", commands.suspend_recognition, "暂停 / Suspend", ReasonDraft, SUSPENDED),
    ("resume", commands.resume_recognition, "恢复 / Resume", Nothing, RESUMED),
    ("end", commands.end_recognition, "终止 / End", schemas.RecognitionEndDraft, ENDED),
    ("restore", commands.restore_recognition, "更正误停、误终止 / Correct a mistake", ReasonDraft, RESTORED),
):
    routes.act(
        "POST", f"{ONE}/{action}", run=run, shown=RECOGNITION, scope=DECIDE, summary=text, draft=draft, audited=act
    )
for part, step, title, body, scope in (
    ("editions", commands.propose_edition, "提出新版清单 / Propose an edition", schemas.RecognitionEditionDraft, WRITE),
    ("objections", objecting.object_to_recognition, "提出异议 / Object", schemas.ObjectionDraft, DECIDE),
    ("answer", objecting.answer_objection, "答复异议 / Answer an objection", schemas.ObjectionAnswerDraft, DECIDE),
):
    routes.act("POST", f"{ONE}/{part}", run=step, shown=RECOGNITION, scope=scope, summary=title, draft=body)

routes.history(ONE, RECOGNITION, scope=READ, of=recognitions.history)
