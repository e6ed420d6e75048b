"""The histories that services declare: for each kind of thing the aggregates whose journals together tell all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import select

from shared.core.errors import NotFoundError
from shared.database.rows import Aggregate
from shared.journal.entries import JournalRow
from shared.journal.session import Session

Of = Callable[["Session", UUID], Sequence[Aggregate]]
"""Gives the thing's row, then those of its parts, newest first; raises `NotFoundError`."""

HISTORIES: dict[str, Of] = {}
"""By the kind of the thing."""


def evidence_of(session: Session, key: UUID) -> list[UUID]:
    """Ids of the aggregates whose journals prove all of a thing: its own alone where no service declared more.

    Raises `NotFoundError` where the tenant's journal does not know it.
    """
    kind = session.scalar(select(JournalRow.kind).where(JournalRow.aggregate_id == key).limit(1))
    if kind is None:
        raise NotFoundError.of("日志 / journal", key)
    return [row.id for row in HISTORIES[kind](session, key)] if kind in HISTORIES else [key]
