"""What cannot be applied waits alone, with its reason, and replays in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from events.parks import ParkRevised
from shared.commands.handlers import ReceivedEvent
from shared.core.context import machine_context
from shared.journal.progress import ProgressRow
from shared.journal.reactions import HANDLERS
from shared.journal.session import Session
from shared.keys.verification import VerifiedEntry
from shared.replication import applying
from shared.replication.parking import replay
from shared.replication.receipts import ReceiptRow
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


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Poison:
    made, write = Poison(), applying.write_replicas

    def broken(session: Session, entries: Iterable[VerifiedEntry]) -> None:
        given = list(entries)
        if session.context.tenant_id == made.tenant and made.aggregate in {str(one.entry.aggregate) for one in given}:
            raise ZeroDivisionError("poison")
        write(session, given)

    monkeypatch.setattr(applying, "write_replicas", broken)
    monkeypatch.setitem(HANDLERS, ParkRevised.type, [*HANDLERS.get(ParkRevised.type, []), made.__call__])
    return made


def revise(cell: Cell, tenant: UUID, url: str, times: int) -> None:
    for number in range(times):
        assert cell.client(tenant).patch(url, {"sectors": [f"行业{number}"]}).status_code == 200


def test_poison_parks_its_aggregate_and_nothing_else(
    cell: Cell, sichuan: UUID, chongqing: UUID, poison: Poison
) -> None:
    bad, good = drafted(cell, sichuan, chongqing), drafted(cell, sichuan, chongqing)
    poison.tenant, poison.aggregate = chongqing, bad.split("/")[-1]
    for url in (bad, good):
        revise(cell, sichuan, url, 2)
    cell.carry()
    client = cell.client(chongqing)
    assert (client.get(bad).headers["ETag"], client.get(good).headers["ETag"]) == ('"1.1"', '"1.3"')
    with cell.session(chongqing) as session:
        parked = select(ProgressRow.aggregate_id, ProgressRow.reason).where(ProgressRow.status == "parked")
        assert session.execute(parked).all() == [(UUID(poison.aggregate), "ZeroDivisionError('poison')")]
    with cell.session(sichuan) as session:
        told = session.get_one(ReceiptRow, (sichuan, UUID(poison.aggregate), chongqing))
        assert (told.status, told.version) == ("parked", 1)


def test_a_parked_aggregate_replays_in_order(cell: Cell, sichuan: UUID, chongqing: UUID, poison: Poison) -> None:
    url = drafted(cell, sichuan, chongqing)
    poison.tenant, poison.aggregate = chongqing, url.split("/")[-1]
    revise(cell, sichuan, url, 3)
    cell.carry()
    key, poison.aggregate = UUID(poison.aggregate), ""
    with cell.worker_database.session(machine_context(chongqing)) as session:
        replay(session, key)
    cell.carry()
    # Nobody brings it just now: the timers take it in when it has been due for two seconds.
    cell.clock.advance(timedelta(seconds=3))
    cell.run_timers()
    assert poison.seen == [2, 3, 4]
    assert cell.client(chongqing).get(url).headers["ETag"] == '"1.4"'
    with cell.session(chongqing) as session:
        assert session.scalar(select(ProgressRow.status).where(ProgressRow.aggregate_id == key)) == "in_step"
