"""Routes of what follows when something stops counting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.standards.api.routes import routes
from services.standards.commands.closing import close_consequence
from services.standards.domain.scopes import DECIDE, READ
from services.standards.models import Consequence
from services.standards.queries import consequences as queries
from services.standards.schemas import consequences as schemas
from shared.database.pages import Page, PageRequest
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.rules.acts import Act

ALL = "/v1/consequences"
ONE = f"{ALL}/<uuid:key>"
CONSEQUENCE = ResourceView(
    kind=Consequence,
    view=schemas.ConsequenceView,
    present=queries.present_consequences,
    url=lambda row: f"{ALL}/{row.id}",
)
SUMMARY = ResourceView(kind=dict, view=schemas.SummaryView)


@routes.list(ALL, CONSEQUENCE, scope=READ, summary="后续处置 / Consequences", query=schemas.ConsequenceFilter,
             order=queries.CONSEQUENCES)  # fmt: skip
def list_consequences(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """What is to be dealt with here, and what others do about causes of this tenant."""
    return queries.consequences(session, filters, paging=paging)


@routes.get(ONE, CONSEQUENCE, scope=READ, summary="一项后续处置 / One consequence")
def show_consequence(session: Session, key: UUID) -> Consequence:
    """One consequence."""
    return session.one(Consequence, key)


@routes.get(f"{ALL}/summaries/<uuid:cause>", SUMMARY, scope=READ, summary="某原因的处置汇总 / Who has done what")
def show_consequence_summary(session: Session, cause: UUID) -> dict[str, Any]:
    """By tenant, for a certificate, body, standard or recognition that stopped counting."""
    return queries.summary(session, cause)


routes.act(
    "POST", f"{ONE}/close", run=close_consequence, shown=CONSEQUENCE, scope=DECIDE,
    summary="处置 / Close", draft=schemas.ClosingDraft,
    audited=Act("standards.consequence.closed", "作出后续处置", "Consequence dealt with"),
)  # fmt: skip

routes.history(ONE, CONSEQUENCE, scope=READ, of=queries.history)
