"""How the terms of cases were kept, added up from what the database counts as they change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from services.requests.models.cases import Tally
from shared.journal.session import Session

SIDES = {"handler": Tally.handler, "home": Tally.home}
COUNTS = (
    Tally.cases, Tally.accepted, Tally.accepted_in_term, Tally.decided, Tally.decided_in_term, Tally.timed,
    Tally.own_days, Tally.refused, Tally.overdue, Tally.dated, Tally.dated_kept,
)  # fmt: skip
MOST_ROWS = 500


def counted(session: Session, side: Any, *, since: date, until: date) -> Sequence[Any]:
    """The counts of each tenant on this side and each item, of the cases that were filed in these days."""
    query = (
        select(side.label("tenant"), Tally.item_id, *(func.sum(one).label(one.key) for one in COUNTS))
        .where(Tally.day >= since, Tally.day <= until)
        .group_by(side, Tally.item_id)
        .having(func.sum(Tally.cases) > 0)
        .order_by(func.sum(Tally.cases).desc(), side, Tally.item_id)
        .limit(MOST_ROWS)
    )
    return session.execute(query).mappings().all()
