"""Routes of recognition between tenants."""

from __future__ import annotations

from services.standards.api.routes import routes
from services.standards.commands import objections as objecting
from services.standards.commands import recognitions as commands
from services.standards.domain.scopes import DECIDE, READ, WRITE
from services.standards.models import Recognition
from services.standards.queries import recognitions as queries
from services.standards.schemas import recognitions as schemas
from shared.http.countersigned import SignatureDraft
from shared.http.declarations import Resource
from shared.http.fields.strict import ReasonDraft
from shared.http.resources import ResourceView
from shared.rules.acts import Act

ALL = "/v1/recognitions"
RECOGNITION = ResourceView(
    kind=Recognition,
    view=schemas.RecognitionView,
    present=queries.present_recognitions,
    url=lambda row: f"{ALL}/{row.id}",
)
AGREED = Act("standards.recognition.agreed", "同意互认", "Recognition agreed")
SUSPENDED = Act("standards.recognition.suspended", "暂停互认", "Recognition suspended")
RESUMED = Act("standards.recognition.resumed", "恢复互认", "Recognition resumed")
ENDED = Act("standards.recognition.ended", "终止互认", "Recognition ended")
RESTORED = Act("standards.recognition.restored", "更正互认", "Recognition corrected")
recognitions = Resource(routes, ALL, RECOGNITION, read=READ, write=DECIDE)

recognitions.list(
    queries.recognitions,
    query=schemas.RecognitionFilter,
    summary="互认列表 / Recognitions",
)
recognitions.create(
    commands.propose_recognition,
    draft=schemas.RecognitionDraft,
    scope=WRITE,
    summary="提出互认 / Propose a recognition",
)
recognitions.get(summary="一份互认 / One recognition")
recognitions.act(commands.agree_to_recognition, draft=SignatureDraft, summary="同意 / Agree", audited=AGREED)
recognitions.act(commands.suspend_recognition, draft=ReasonDraft, summary="暂停 / Suspend", audited=SUSPENDED)
recognitions.act(commands.resume_recognition, summary="恢复 / Resume", audited=RESUMED)
recognitions.act(commands.end_recognition, draft=schemas.RecognitionEndDraft, summary="终止 / End", audited=ENDED)
recognitions.act(
    commands.restore_recognition,
    draft=ReasonDraft,
    summary="更正误停、误终止 / Correct a mistake",
    audited=RESTORED,
)
recognitions.act(
    commands.propose_edition,
    draft=schemas.RecognitionEditionDraft,
    scope=WRITE,
    rule=f"{recognitions.one}/editions",
    summary="提出新版清单 / Propose an edition",
)
recognitions.act(
    objecting.object_to_recognition,
    draft=schemas.ObjectionDraft,
    rule=f"{recognitions.one}/objections",
    summary="提出异议 / Object",
)
recognitions.act(
    objecting.answer_objection, draft=schemas.ObjectionAnswerDraft, summary="答复异议 / Answer an objection"
)
recognitions.history()
