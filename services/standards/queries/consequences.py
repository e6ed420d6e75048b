"""Consequences as the dependants' tenants and the causes' homes see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.standards.domain.lifecycles import CONSEQUENCE_LIFECYCLE
from services.standards.models import Body, Certificate, Consequence, Recognition, Standard
from shared.core.errors import NotFoundError
from shared.database.lists import ListQuery
from shared.database.rows import Aggregate
from shared.http.attributes import attributes_of
from shared.journal.session import Session
from shared.keys.directory import WORKING, DirectoryRow
from shared.replication.delivery import order_of

CAUSES: tuple[type[Aggregate], ...] = (Certificate, Body, Standard, Recognition)
consequences = ListQuery(
    Consequence,
    order_of(Consequence, "due_on", "cause_key"),
    {
        "state": Consequence.state,
        "purpose": Consequence.purpose,
        "outcome": Consequence.outcome,
        "cause": Consequence.cause_id,
        "dependant": Consequence.dependant_id,
        "tenant": Consequence.home_id,
        "due_before": lambda value: Consequence.due_on < value,
    },
)
"""Those of own dependants and, where the cause is of this tenant, those of others'; newest first."""
MOST_TENANTS = 1000
Group = tuple[Any, ...]
"""Tenant, state, outcome, how many, how many of them escalated."""


def present_consequences(session: Session, rows: Sequence[Consequence]) -> list[dict[str, Any]]:
    """What the view shows."""
    found = zip(rows, attributes_of(session, rows), strict=True)
    return [
        {
            **shown,
            "allowed_actions": CONSEQUENCE_LIFECYCLE.actions(row.state) if session.context.party == row.home_id else (),
        }
        for row, shown in found
    ]


def summary(session: Session, cause: UUID) -> dict[str, Any]:
    """Who has done what about a cause, by tenant; raises `NotFoundError` for what is neither own nor known of.

    At the cause's home this is everything; elsewhere it is what this tenant has to do with. A tenant without any has
    reported none: nothing there rests on it, or word of it is still on its way.
    """
    own = any(session.get(kind, (session.context.tenant_id, cause)) is not None for kind in CAUSES)
    row = Consequence
    counted = (
        select(row.home_id, row.state, row.outcome, func.count(), func.count().filter(row.escalations > 0))
        .where(row.cause_id == cause)
        .group_by(row.home_id, row.state, row.outcome)
    )
    found: list[Group] = [tuple(group) for group in session.execute(counted)]
    if not found and not own:
        raise NotFoundError.of("原因 / cause", cause)
    working = select(DirectoryRow.id).where(DirectoryRow.status.in_(WORKING)).order_by(DirectoryRow.id)
    every = session.scalars(working.limit(MOST_TENANTS)) if own else ()
    shown = sorted({*every, *(group[0] for group in found)})
    tenants = [_of_tenant(tenant, [group for group in found if group[0] == tenant]) for tenant in shown]
    totals = {name: sum(item[name] for item in tenants) for name in ("open", "escalated", "lapsed")}
    closed = sum((Counter(item["closed"]) for item in tenants), Counter[str]())
    return {"cause": cause, "complete": own, **totals, "closed": dict(closed), "tenants": tenants}


def _of_tenant(tenant: UUID, groups: Sequence[Group]) -> dict[str, Any]:
    """`escalated` are among the open ones."""
    counts: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    for _home, state, outcome, number, late in groups:
        counts[state] += number
        counts["escalated"] += late if state == "open" else 0
        if state == "closed":
            closed[outcome] += number
    named = {name: counts[name] for name in ("open", "escalated", "lapsed")}
    return {"tenant": tenant, "found": sum(group[3] for group in groups), **named, "closed": dict(closed)}
