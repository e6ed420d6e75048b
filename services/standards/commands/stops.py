"""Since when a ground no longer carries what rests on it, as far back as is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.standards.commands.grounds import Fallen
from services.standards.domain.consequences import RECOGNITION, Document, Position, carries, stopped_at
from shared.database.registers import RegisterEntry
from shared.journal.entries import JournalRow
from shared.journal.session import Session

MOST_VERSIONS = 100
"""Versions of a cause that are looked at for the one with which it stopped."""
EARLIER: Position = (0, 0)
"""When it stopped with one before these."""
Key = tuple[UUID, UUID, str]
"""Cause, dependant and reference: there is one open review of each."""


@dataclass(frozen=True)
class Stop:
    """Since when the cause of `found` carries no more, and in which state."""

    found: Fallen
    position: Position
    state: str

    @property
    def key(self) -> Key:
        """Of which review it is about."""
        return self.found.cause, self.found.dependant.id, self.found.dependant.reference

    @property
    def at(self) -> str:
        """The version with which it stopped."""
        return _etag(self.position)


def _etag(position: Position) -> str:
    return f"{position[0]}.{position[1]}"


def when_stopped(session: Session, found: Sequence[Fallen]) -> Iterator[Stop]:
    """Of each of these, where there is one by now."""
    grounds = {(one.kind, one.cause) for one in found}
    versions = {(kind, cause): _versions(session, kind, cause=cause) for kind, cause in grounds}
    for one in found:
        kept = versions[one.kind, one.cause]

        def does_carry(document: Document, one: Fallen = one) -> bool:
            return carries(one.kind, document, key=one.cause, basis=one.basis)

        stop = stopped_at(kept, does_carry) if kept else None
        if stop is not None:
            yield Stop(one, *stop)


def _versions(session: Session, kind: str, *, cause: UUID) -> list[tuple[Position, Document]]:
    """What is known here of a cause, newest first."""
    row: Any = JournalRow if kind == RECOGNITION else RegisterEntry
    mine = JournalRow.aggregate_id == cause if kind == RECOGNITION else RegisterEntry.id == cause
    query = select(row.epoch, row.version, row.state).where(mine).order_by(row.epoch.desc(), row.version.desc())
    found = [((epoch, version), state) for epoch, version, state in session.execute(query.limit(MOST_VERSIONS))]
    return [*found[:-1], (EARLIER, found[-1][1])] if len(found) == MOST_VERSIONS else found
