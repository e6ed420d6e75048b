"""Since when a cause no longer counts for what rests on it, as far back as is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.entry import NOWHERE, Position
from services.standards.commands.dependencies import Broken
from services.standards.domain.consequences import stopped_at
from services.standards.domain.dependencies import RECOGNITION, Document, counts
from shared.database.registers import RegisterEntry
from shared.journal.entries import JournalRow
from shared.journal.session import Session

MOST_VERSIONS = 100
"""Versions of a cause that are looked at for the one with which it stopped."""
EARLIER = NOWHERE
"""When it stopped with one before these."""


@dataclass(frozen=True)
class Stop:
    """Since which version the cause of `broken` counts no more, and in which state it is."""

    broken: Broken
    position: Position
    state: str

    @property
    def at(self) -> str:
        """The version with which it stopped."""
        return self.position.etag


def when_stopped(session: Session, found: Sequence[Broken]) -> Iterator[Stop]:
    """Of each of these, where there is one by now."""
    causes = {(one.cause.kind, one.cause.id) for one in found}
    versions = {key: _versions(session, kind, cause=key) for kind, key in causes}
    for one in found:

        def does_count(document: Document, one: Broken = one) -> bool:
            return counts(one.cause._replace(document=document), one.among)

        kept = versions[one.cause.id]
        stop = stopped_at(kept, does_count) if kept else None
        if stop is not None:
            yield Stop(one, *stop)


def _versions(session: Session, kind: str, *, cause: UUID) -> list[tuple[Position, Document]]:
    """What is known here of a cause, newest first."""
    row: Any = JournalRow if kind == RECOGNITION else RegisterEntry
    mine = JournalRow.aggregate_id == cause if kind == RECOGNITION else RegisterEntry.id == cause
    query = select(row.epoch, row.version, row.state).where(mine).order_by(row.epoch.desc(), row.version.desc())
    found = [(Position(epoch, version), state) for epoch, version, state in session.execute(query.limit(MOST_VERSIONS))]
    return [*found[:-1], (EARLIER, found[-1][1])] if len(found) == MOST_VERSIONS else found
