"""Resync: who lost rows is told everything again, once, in steps; and nobody what was not meant for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from events.envelope import decode
from events.parks import ParkRevised
from services.parks.models import Park
from shared.journal.entries import JournalRow
from shared.journal.timers import TimerRow
from shared.messaging.relay import Unsent
from shared.replication import resync
from tests.builders.cell import Cell
from tests.builders.parks import bare_park

Told = list[tuple[UUID, int]]


def published(cell: Cell, home: UUID, parties: Sequence[UUID], versions: int = 3, **changes: Any) -> UUID:
    """A park of which nobody but its home has heard: its messages are lost."""
    with cell.session(home) as session:
        key = bare_park(session, parties).id
    for _version in range(versions - 1):
        with cell.session(home) as session:
            session.publish(session.locked(Park, key), ParkRevised(changes=changes))
    cell.take_unsent()
    return key


def ask(cell: Cell, tenant: UUID) -> None:
    with cell.worker_database.session(cell.context(tenant)) as session:
        assert resync.ask_for_all(session) >= 1
    cell.carry()


def entries(messages: Sequence[Unsent]) -> Told:
    found = [decode(message.value) for message in messages]
    return [(UUID(one.document["aggregate"]), one.document["version"]) for one in found if one.kind == "entry"]


def arriving(cell: Cell) -> Told:
    """What is on its way, which also arrives."""
    messages = cell.take_unsent()
    cell.deliver(messages)
    return entries(messages)


def told(cell: Cell) -> Told:
    """What homes tell again until they have told all, a step of theirs at a time."""
    said: Told = []
    while cell.run_timers():
        said += arriving(cell)
    return said


def journal(cell: Cell, tenant: UUID, keys: Sequence[UUID]) -> list[Any]:
    row = JournalRow
    kept = select(row.aggregate_id, row.version, row.entry, row.signature, row.state).where(row.aggregate_id.in_(keys))
    with cell.session(tenant) as session:
        return list(session.execute(kept.order_by(row.aggregate_id, row.version)).all())


@pytest.fixture(autouse=True)
def _small_steps(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    cell.carry()
    cell.run_timers()
    monkeypatch.setattr(resync, "STEP", 4)


def test_who_lost_all_rows_is_told_everything_again_and_nothing_of_others(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    guizhou = cell.tenant("guizhou")
    cell.take_unsent()
    shared = [published(cell, sichuan, [chongqing]) for _park in range(3)]
    shared.append(published(cell, guizhou, [chongqing, sichuan]))
    hidden = [published(cell, sichuan, [guizhou], named=str(chongqing)), published(cell, guizhou, [])]
    # Sichuan comes to hold what Guizhou tells it, and is no home of that.
    ask(cell, sichuan)
    assert told(cell) == [(shared[3], version) for version in (1, 2, 3)]
    ask(cell, chongqing)
    assert sorted(told(cell)) == sorted((key, version) for key in shared for version in (1, 2, 3))
    cell.carry()
    assert journal(cell, chongqing, shared[:3]) == journal(cell, sichuan, shared[:3])
    assert journal(cell, chongqing, shared[3:]) == journal(cell, guizhou, shared[3:])
    assert journal(cell, chongqing, hidden) == []
    with cell.session(chongqing) as session:
        assert [session.one(Park, key).version for key in shared] == [3] * 4


def test_whoever_asks_for_all_again_and_again_is_told_once_an_hour(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    shared = [published(cell, sichuan, [chongqing]) for _park in range(2)]
    ask(cell, chongqing)
    assert cell.run_timers() == 1
    first = arriving(cell)
    ask(cell, chongqing)
    assert len(first) + len(told(cell)) == 6
    ask(cell, chongqing)
    assert told(cell) == []
    cell.clock.advance(resync.AGAIN + timedelta(seconds=1))
    ask(cell, chongqing)
    assert sorted(told(cell)) == sorted((key, version) for key in shared for version in (1, 2, 3))


def test_a_step_that_breaks_is_told_once_when_it_is_done_again(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = published(cell, sichuan, [chongqing], versions=7)
    ask(cell, chongqing)
    whole = resync.tell

    def killed(*given: Any, **named: Any) -> int:
        whole(*given, **named)
        raise ConnectionError("the process was killed in the middle")

    assert cell.run_timers() == 1
    first = arriving(cell)
    with monkeypatch.context() as broken:
        broken.setattr(resync, "tell", killed)
        assert cell.run_timers() == 0
    with cell.worker_database.session(cell.context(sichuan)) as session:
        session.get_one(TimerRow, (sichuan, resync.TELL, chongqing)).retry_at = cell.clock.now()
    assert [*first, *told(cell)] == [(key, version) for version in range(1, 8)]


def test_home_tells_no_more_than_the_relay_sends(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resync, "MOST_UNSENT", 4)
    published(cell, sichuan, [chongqing], versions=10)
    ask(cell, chongqing)
    for _second in range(5):
        cell.run_timers()
        cell.clock.advance(resync.PATIENCE)
    first = arriving(cell)
    assert 4 <= len(first) < 4 + resync.STEP
    assert len(first) + len(told(cell)) == 10
