"""How the terms of cases were kept, added up from what the database counts as they change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.requests.models.cases import Tally
from shared.journal.session import Session

SIDES = {"handler": Tally.handler, "home": Tally.home}
COUNTS = (
    Tally.cases, Tally.accepted, Tally.accepted_in_term, Tally.decided, Tally.decided_in_term, Tally.timed,
    Tally.own_days, Tally.refused, Tally.overdue, Tally.dated, Tally.dated_kept,
)  # fmt: skip


def counted(
    session: Session, side: Any, *, days: tuple[date, date], only: UUID | None = None, most: int | None = None
) -> Sequence[Any]:
    """The counts of each tenant on this side (or `only` of one) and each item, the most cases first.

    Of the cases that were filed from the first of `days` to the last; `most` bounds the rows.
    """
    query = (
        select(side.label("tenant"), Tally.item_id, *(func.sum(one).label(one.key) for one in COUNTS))
        .where(Tally.day.between(*days), *(() if only is None else (side == only,)))
        .group_by(side, Tally.item_id)
        .having(func.sum(Tally.cases) > 0)
        .order_by(func.sum(Tally.cases).desc(), side, Tally.item_id)
        .limit(most)
    )
    return session.execute(query).mappings().all()
