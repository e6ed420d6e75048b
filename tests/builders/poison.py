"""A tenant that cannot apply what comes of one thing, until it can again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from events.parks import ParkRevised
from shared.commands.handlers import ReceivedEvent
from shared.journal.reactions import HANDLERS
from shared.journal.session import Session
from shared.keys.verification import VerifiedEntry
from shared.replication import applying
from tests.builders.cell import Cell
from tests.builders.officials import drafted


@dataclass
class Poison:
    """What cannot be written of one aggregate at one tenant; `seen` are the versions that a handler took in there."""

    tenant: UUID | None = None
    aggregate: str = ""
    seen: list[int] = field(default_factory=list)

    def __call__(self, session: Session, received: ReceivedEvent[ParkRevised]) -> None:
        if session.context.tenant_id == self.tenant:
            self.seen.append(received.entry.version)

    def park(self, cell: Cell, home: UUID, party: UUID) -> str:
        """The address of a park that waits at the party at version 1, while home has come to version 4."""
        url = drafted(cell, home, party)
        self.tenant, self.aggregate = party, url.split("/")[-1]
        revise(cell, home, url, 3)
        cell.carry()
        return url


def revise(cell: Cell, tenant: UUID, url: str, times: int) -> None:
    """So many versions more."""
    for number in range(times):
        assert cell.client(tenant).patch(url, {"sectors": [f"行业{number}"]}).status_code == 200


def poisoned(monkeypatch: pytest.MonkeyPatch) -> Poison:
    """Puts it into what writes replicas, for the length of a test."""
    made, write = Poison(), applying.write_replicas

    def broken(session: Session, entries: Iterable[VerifiedEntry]) -> None:
        given = list(entries)
        if session.context.tenant_id == made.tenant and made.aggregate in {str(one.entry.aggregate) for one in given}:
            raise ZeroDivisionError("poison")
        write(session, given)

    monkeypatch.setattr(applying, "write_replicas", broken)
    monkeypatch.setitem(HANDLERS, ParkRevised.type, [*HANDLERS.get(ParkRevised.type, []), made.__call__])
    return made
