"""A handler takes in each entry once and in order, after the replica stands; its bug is nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from events.parks import ParkDrafted, ParkRevised
from services.parks.models import Park
from shared.commands import reacting
from shared.commands.handlers import ReceivedEvent
from shared.journal.heads import HeadRow
from shared.journal.reactions import FEW, HANDLERS, HEEDED, PLACES, TOGETHER, ReactionRow
from shared.journal.session import Session
from shared.journal.timers import TIMERS, TimerRow, schedule
from shared.messaging import waiting, worker
from shared.messaging.relay import Unsent
from tests.builders.cell import Cell
from tests.builders.officials import drafted
from tests.builders.parks import bare_park

NOTED = "tests.noted"
MOMENT = timedelta(seconds=3)
"""After which the timers take in what a worker left."""


@dataclass
class Listener:
    """Counts, in the database, what it takes in at one tenant; fails as long as it is told to."""

    __name__: str
    tenant: UUID | None = None
    fails: bool = False
    seen: list[int] = field(default_factory=list)
    act: Callable[[], Any] = lambda: None

    def __call__(self, session: Session, received: ReceivedEvent[ParkRevised]) -> None:
        if session.context.tenant_id != self.tenant:
            return
        self.act()
        schedule(session, NOTED, aggregate=received.entry.aggregate, due_at=session.clock.now() + timedelta(days=900))
        if self.fails:
            raise ZeroDivisionError("broken")
        self.seen.append(received.entry.version)

    def __hash__(self) -> int:
        return id(self)


@pytest.fixture(autouse=True)
def timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TIMERS, NOTED, lambda _session, _key, _params: None)


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> list[Listener]:
    made = [Listener("first"), Listener("second")]
    monkeypatch.setitem(HANDLERS, ParkRevised.type, [*HANDLERS.get(ParkRevised.type, []), *made])
    return made


def revise(cell: Cell, tenant: UUID, url: str, times: int = 1) -> None:
    for number in range(times):
        sectors = [f"行业{number}", uuid4().hex]
        assert cell.client(tenant).patch(url, {"sectors": sectors}).status_code == 200


def noted(cell: Cell, tenant: UUID) -> int:
    with cell.session(tenant) as session:
        return int(session.scalar(select(func.count()).where(TimerRow.name == NOTED)) or 0)


def left(cell: Cell, tenant: UUID) -> list[tuple[str, int, int]]:
    """What is still to be taken in: by whom, which version, after how many tries."""
    row = ReactionRow
    with cell.session(tenant) as session:
        found = session.execute(select(row.handler, row.version, row.attempts).order_by(row.handler, row.version))
        return [tuple(one) for one in found]


@pytest.mark.parametrize("at_home", [True, False])
def test_a_handler_that_fails_keeps_neither_the_replica_nor_another_handler(
    cell: Cell, sichuan: UUID, chongqing: UUID, listeners: list[Listener], at_home: bool
) -> None:
    url, tenant = drafted(cell, sichuan, chongqing), sichuan if at_home else chongqing
    broken, sound = listeners
    broken.tenant = sound.tenant = tenant
    broken.fails = True
    revise(cell, sichuan, url, 2)
    cell.carry()
    assert cell.client(chongqing).get(url).headers["ETag"] == '"1.3"'
    assert (broken.seen, sound.seen) == ([], [2, 3])
    assert left(cell, tenant) == [("shared.first", 2, 1), ("shared.first", 3, 0)]
    revise(cell, sichuan, url)
    cell.carry()
    broken.fails = False
    assert cell.run_timers() == 0
    cell.clock.advance(timedelta(hours=2))
    assert cell.run_timers() >= 3
    assert (broken.seen, sound.seen, left(cell, tenant)) == ([2, 3, 4], [2, 3, 4], [])
    cell.run_timers()
    assert broken.seen == [2, 3, 4]


def test_what_a_failing_handler_did_is_undone(
    cell: Cell, sichuan: UUID, chongqing: UUID, listeners: list[Listener]
) -> None:
    url, broken = drafted(cell, sichuan, chongqing), listeners[0]
    broken.tenant, broken.fails = chongqing, True
    revise(cell, sichuan, url)
    cell.carry()
    assert noted(cell, chongqing) == 0


@pytest.mark.parametrize("at_home", [True, False])
def test_what_a_worker_that_was_killed_left_is_taken_in_once(
    cell: Cell,
    sichuan: UUID,
    chongqing: UUID,
    listeners: list[Listener],
    monkeypatch: pytest.MonkeyPatch,
    at_home: bool,
) -> None:
    class KilledError(BaseException):
        """What nobody catches."""

    def kill(*_given: Any, **_named: Any) -> None:
        raise KilledError

    url, listener = drafted(cell, sichuan, chongqing), listeners[0]
    listener.tenant = sichuan if at_home else chongqing
    revise(cell, sichuan, url)
    messages = cell.take_unsent()
    with monkeypatch.context() as killed, pytest.raises(KilledError):
        killed.setattr(worker, "react", kill)
        cell.deliver(messages)
    assert listener.seen == []
    # Kafka gives the same records again, and the timers look at what is due.
    cell.deliver(messages)
    cell.clock.advance(MOMENT)
    cell.run_timers()
    cell.deliver(messages)
    cell.carry()
    assert (listener.seen, left(cell, listener.tenant)) == ([2], [])
    assert cell.client(chongqing).get(url).headers["ETag"] == '"1.2"'


def test_a_worker_killed_within_a_handler_leaves_it_to_the_next(
    cell: Cell, sichuan: UUID, chongqing: UUID, listeners: list[Listener]
) -> None:
    class KilledError(BaseException):
        """What nobody catches."""

    def kill() -> None:
        raise KilledError

    url, listener = drafted(cell, sichuan, chongqing), listeners[0]
    listener.tenant, listener.act = chongqing, kill
    revise(cell, sichuan, url)
    with pytest.raises(KilledError):
        cell.carry()
    assert noted(cell, chongqing) == 0
    listener.act = lambda: None
    assert cell.run_timers() == 0
    cell.clock.advance(MOMENT)
    cell.run_timers()
    cell.run_timers()
    assert (listener.seen, noted(cell, chongqing), left(cell, chongqing)) == ([2], 1, [])


def test_two_workers_at_once_take_in_each_entry_once_and_in_order(
    cell: Cell, sichuan: UUID, chongqing: UUID, listeners: list[Listener]
) -> None:
    url, listener = drafted(cell, sichuan, chongqing), listeners[0]
    begun, go_on = Event(), Event()

    def linger() -> None:
        begun.set()
        go_on.wait(20)

    listener.tenant, listener.act = chongqing, linger
    revise(cell, sichuan, url)
    first = cell.take_unsent()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(cell.deliver, first)
        assert begun.wait(20)
        revise(cell, sichuan, url)
        cell.deliver(first)
        cell.carry()
        cell.clock.advance(MOMENT)
        cell.run_timers()
        assert listener.seen == []
        go_on.set()
        running.result()
    cell.run_timers()
    assert (listener.seen, left(cell, chongqing)) == ([2, 3], [])


def test_what_a_handler_has_not_taken_in_is_seen_with_its_reason(
    cell: Cell, sichuan: UUID, chongqing: UUID, listeners: list[Listener]
) -> None:
    url, broken = drafted(cell, sichuan, chongqing), listeners[0]
    broken.tenant, broken.fails = chongqing, True
    revise(cell, sichuan, url)
    cell.carry()
    cell.clock.advance(waiting.SOON * 2)
    with cell.session(chongqing) as session:
        items = [item for item in waiting.items_of_tenant(session) if item.kind == "handler"]
    assert [(item.subject, item.reason) for item in items] == [
        (url.split("/")[-1], "shared.first: ZeroDivisionError('broken')")
    ]
    assert waiting.what_waits(cell.worker_database, cell.relay_database)["handler"].count >= 1


def test_home_is_told_of_its_own_entry_only_where_a_party_or_a_handler_waits_for_it(
    cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cell.session(sichuan) as session:
        key = bare_park(session).id

    def publish() -> list[Unsent]:
        with cell.session(sichuan) as session:
            session.publish(session.locked(Park, key), ParkRevised(changes={}))
        return cell.take_unsent()

    cell.carry()
    monkeypatch.setitem(HANDLERS, ParkRevised.type, [])
    assert publish() == []
    listener = Listener("third", sichuan)
    monkeypatch.setitem(HANDLERS, ParkRevised.type, [listener])
    monkeypatch.setitem(PLACES, listener, "party")
    assert (publish(), left(cell, sichuan)) == ([], [])
    monkeypatch.setitem(PLACES, listener, "home")
    messages = publish()
    assert (len(messages), left(cell, sichuan)) == (1, [("shared.third", 4, 0)])
    cell.deliver(messages)
    assert (listener.seen, left(cell, sichuan)) == ([4], [])


def test_of_many_entries_at_once_home_hears_by_the_timers_and_nothing_is_sent_to_nobody(
    cell: Cell, sichuan: UUID, chongqing: UUID, listeners: list[Listener]
) -> None:
    cell.carry()
    with cell.session(sichuan) as session:
        keys = [bare_park(session).id for _park in range(FEW)]
        shared = bare_park(session, [chongqing]).id
    cell.carry()
    listeners[0].tenant = sichuan
    with cell.session(sichuan) as session:
        session.publish_all([(session.locked(Park, key), ParkRevised(changes={})) for key in sorted([*keys, shared])])
    with cell.session(sichuan) as session:
        waiting_for_somebody = list(session.scalars(select(HeadRow.aggregate_id)))
    messages = cell.take_unsent()
    assert {message.key for message in messages} == {str(shared).encode()}
    assert waiting_for_somebody == [shared]
    cell.clock.advance(MOMENT)
    cell.run_timers()
    cell.deliver(messages)
    cell.run_timers()
    assert (listeners[0].seen, left(cell, sichuan)) == ([2] * (FEW + 1), [])


def test_a_handler_of_many_is_given_them_together_and_after_a_failure_each_alone(
    cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[list[UUID]] = []
    with cell.session(sichuan) as session:
        keys = sorted(bare_park(session).id for _park in range(3))

    def take(_session: Session, received: Sequence[ReceivedEvent[ParkRevised]]) -> None:
        given.append(sorted(one.entry.aggregate for one in received))
        if keys[1] in given[-1]:
            raise ZeroDivisionError

    monkeypatch.setitem(HANDLERS, ParkRevised.type, [take])
    monkeypatch.setattr(reacting, "TOGETHER", {*TOGETHER, take})
    with cell.session(sichuan) as session:
        session.publish_all([(session.locked(Park, key), ParkRevised(changes={})) for key in keys])
    cell.carry()
    assert given[0] == keys
    assert sorted(given[1:]) == [[key] for key in keys]
    assert [one[1:] for one in left(cell, sichuan)] == [(2, 1)]


def test_a_handler_that_heeds_a_field_waits_for_no_entry_without_it(
    cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener("heeding", sichuan)
    monkeypatch.setitem(HANDLERS, ParkDrafted.type, [listener])
    monkeypatch.setitem(HEEDED, listener, "kind")
    with cell.session(sichuan) as session:
        bare_park(session)
    assert left(cell, sichuan) == [("shared.heeding", 1, 0)]
    monkeypatch.setitem(HEEDED, listener, "cites")
    with cell.session(sichuan) as session:
        bare_park(session)
    assert len(left(cell, sichuan)) == 1
