"""Routes of conformity bodies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.standards.api.routes import routes
from services.standards.commands import bodies as commands
from services.standards.domain.scopes import DECIDE, READ
from services.standards.models import Body, BodyRow
from services.standards.queries import bodies
from services.standards.schemas import bodies as schemas
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing, ReasonDraft
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.rules.acts import Act

ALL = "/v1/bodies"
ONE = f"{ALL}/<uuid:key>"
BODY = ResourceView(kind=Body, view=schemas.BodyView, present=bodies.present_bodies, url=lambda row: f"{ALL}/{row.id}")


@routes.list(ALL, BODY, scope=READ, summary="合格评定机构 / Conformity bodies", query=schemas.BodyFilter,
             order=bodies.BODIES)  # fmt: skip
def list_bodies(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Bodies of the whole platform."""
    return bodies.bodies(session, filters, paging=paging)


@routes.create(
    ALL, BODY, scope=DECIDE, summary="认可机构 / Accredit a body", draft=schemas.BodyDraft,
    audited=Act("standards.body.accredited", "认可机构", "Accredited"),
)  # fmt: skip
def accredit_body(session: Session, **arguments: Any) -> Body:
    """A body whose home is the caller's tenant."""
    return commands.accredit_body(session, **arguments)


@routes.get(ONE, BODY, scope=READ, summary="一个机构 / One body")
def show_body(session: Session, key: UUID) -> Body | BodyRow:
    """Whoever accredited it."""
    return bodies.body(session, key)


for step, past, run, text, draft in (
    ("extend", "extended", commands.extend_body, "扩大认可范围 / Extend the scope", schemas.GrantDraft),
    ("reduce", "reduced", commands.reduce_body, "缩小认可范围 / Reduce the scope", schemas.ReductionDraft),
    ("suspend", "suspended", commands.suspend_body, "暂停机构资格 / Suspend", ReasonDraft),
    ("reinstate", "reinstated", commands.reinstate_body, "恢复机构资格 / Reinstate", Nothing),
    ("withdraw", "withdrawn", commands.withdraw_body, "撤销机构资格 / Withdraw", ReasonDraft),
    ("restore", "restored", commands.restore_body, "更正:机构资格恢复 / Correct a mistake", ReasonDraft),
):
    kept = Act(f"standards.body.{past}", *text.split(" / "))
    routes.act(
        "POST", f"{ONE}/{step}", run=run, shown=BODY, scope=DECIDE, summary=text, draft=draft, audited=kept
    )  # fmt: skip

routes.history(ONE, BODY, scope=READ, of=bodies.history)
