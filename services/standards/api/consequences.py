"""Routes of what follows when something stops counting."""

from __future__ import annotations

from services.standards.api.routes import routes
from services.standards.commands.closing import close_consequence
from services.standards.domain.scopes import DECIDE, READ
from services.standards.models import Consequence
from services.standards.queries import consequences as queries
from services.standards.schemas import consequences as schemas
from shared.http.declarations import Resource
from shared.http.resources import ResourceView
from shared.rules.acts import Act

ALL = "/v1/consequences"
CONSEQUENCE = ResourceView(
    kind=Consequence,
    view=schemas.ConsequenceView,
    present=queries.present_consequences,
    url=lambda row: f"{ALL}/{row.id}",
)
SUMMARY = ResourceView(kind=dict, view=schemas.SummaryView)
CLOSED = Act("standards.consequence.closed", "作出后续处置", "Consequence dealt with")
consequences = Resource(routes, ALL, CONSEQUENCE, read=READ, write=DECIDE)

consequences.list(
    queries.consequences,
    query=schemas.ConsequenceFilter,
    summary="后续处置 / Consequences",
)
consequences.get(summary="一项后续处置 / One consequence")
consequences.get(
    queries.summary,
    shown=SUMMARY,
    rule=f"{ALL}/summaries/<uuid:cause>",
    name="show_consequence_summary",
    summary="某原因的处置汇总 / Who has done what",
)
consequences.act(close_consequence, draft=schemas.ClosingDraft, summary="处置 / Close", audited=CLOSED)
consequences.history()
