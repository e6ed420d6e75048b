"""Routes of conformity bodies."""

from __future__ import annotations

from services.standards.api.routes import routes
from services.standards.commands import bodies as commands
from services.standards.domain.scopes import DECIDE, READ
from services.standards.models import Body
from services.standards.queries import bodies as queries
from services.standards.schemas import bodies as schemas
from shared.http.declarations import Resource
from shared.http.fields.strict import Nothing, ReasonDraft
from shared.http.resources import ResourceView
from shared.rules.acts import Act

ALL = "/v1/bodies"
BODY = ResourceView(kind=Body, view=schemas.BodyView, present=queries.present_bodies, url=lambda row: f"{ALL}/{row.id}")
ACCREDITED = Act("standards.body.accredited", "认可机构", "Accredited")
bodies = Resource(routes, ALL, BODY, read=READ, write=DECIDE)

bodies.list(queries.bodies, query=schemas.BodyFilter, summary="合格评定机构 / Conformity bodies")
bodies.create(commands.accredit_body, draft=schemas.BodyDraft, summary="认可机构 / Accredit a body", audited=ACCREDITED)
bodies.get(queries.body, summary="一个机构 / One body")
for run, draft, summary, past in (
    (commands.extend_body, schemas.GrantDraft, "扩大认可范围 / Extend the scope", "extended"),
    (commands.reduce_body, schemas.ReductionDraft, "缩小认可范围 / Reduce the scope", "reduced"),
    (commands.suspend_body, ReasonDraft, "暂停机构资格 / Suspend", "suspended"),
    (commands.reinstate_body, Nothing, "恢复机构资格 / Reinstate", "reinstated"),
    (commands.withdraw_body, ReasonDraft, "撤销机构资格 / Withdraw", "withdrawn"),
    (commands.restore_body, ReasonDraft, "更正:机构资格恢复 / Correct a mistake", "restored"),
):
    bodies.act(run, draft=draft, summary=summary, audited=past)
bodies.history()
