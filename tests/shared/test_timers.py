"""Timers are rows: they run once, when the clock says so, also when they failed before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.journal.session import Session
from shared.journal.timers import LOW_PRIORITY, TIMERS, TimerRow, cancel, schedule, schedule_all, timer
from tests.builders.cell import Cell


@pytest.fixture
def ran() -> Iterator[list[UUID]]:
    """The aggregates for which the timer `tests.ring` ran."""
    seen: list[UUID] = []

    def ring(session: Session, aggregate: UUID, params: Mapping[str, Any]) -> None:
        if params.get("fail_until") and session.clock.now().isoformat() < params["fail_until"]:
            raise ZeroDivisionError("not yet")
        seen.append(aggregate)

    TIMERS["tests.ring"] = ring
    yield seen
    del TIMERS["tests.ring"]


@pytest.fixture
def printed(ran: list[UUID]) -> Iterator[None]:
    """The timer `tests.print`, which has low priority and notes in `ran` too; each sets `tests.ring` for now."""

    @timer("tests.print", low_priority=True)
    def print_it(session: Session, aggregate: UUID, _params: Mapping[str, Any]) -> None:
        schedule(session, "tests.ring", aggregate=uuid4(), due_at=session.clock.now())
        ran.append(aggregate)

    yield
    del TIMERS["tests.print"]
    LOW_PRIORITY.remove("tests.print")


def test_timers_with_low_priority_run_one_by_one_while_nothing_else_is_due(
    cell: Cell, sichuan: UUID, ran: list[UUID], printed: None
) -> None:
    low_priority = {uuid4(): cell.clock.now() for _each in range(3)}
    with cell.session(sichuan) as session:
        schedule_all(session, "tests.print", due=low_priority)
    urgent = [set_timer(cell, sichuan, 1) for _each in range(3)]
    cell.clock.advance(timedelta(hours=2))
    while cell.run_timers():
        pass
    assert set(ran[:3]) == set(urgent)
    assert [key in low_priority for key in ran[3:]] == [True, False] * 3


def set_timer(cell: Cell, tenant: UUID, hours: int, **params: Any) -> UUID:
    key = uuid4()
    with cell.session(tenant) as session:
        due = cell.clock.now() + timedelta(hours=hours)
        schedule(session, "tests.ring", aggregate=key, due_at=due, params=params)
    return key


def test_a_timer_runs_once_when_it_is_due(cell: Cell, sichuan: UUID, ran: list[UUID]) -> None:
    key = set_timer(cell, sichuan, 2)
    cell.run_timers()
    assert ran == []
    cell.clock.advance(timedelta(hours=3))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: cell.run_timers(), range(4)))
    assert ran == [key]


def test_a_failed_timer_is_tried_again_later(cell: Cell, sichuan: UUID, ran: list[UUID]) -> None:
    later = (cell.clock.now() + timedelta(hours=5)).isoformat()
    key = set_timer(cell, sichuan, 1, fail_until=later)
    cell.clock.advance(timedelta(hours=2))
    cell.run_timers()
    with cell.session(sichuan) as session:
        row = session.get_one(TimerRow, (sichuan, "tests.ring", key))
        assert (row.attempts, row.error, row.done_at) == (1, "ZeroDivisionError('not yet')", None)
    cell.clock.advance(timedelta(hours=4))
    cell.run_timers()
    assert ran == [key]


def test_a_cancelled_timer_does_not_run(cell: Cell, sichuan: UUID, ran: list[UUID]) -> None:
    key = set_timer(cell, sichuan, 1)
    with cell.session(sichuan) as session:
        cancel(session, "tests.ring", aggregate=key)
    cell.clock.advance(timedelta(hours=2))
    cell.run_timers()
    assert ran == []


def test_a_timer_of_a_transaction_that_failed_does_not_exist(cell: Cell, sichuan: UUID, ran: list[UUID]) -> None:
    with pytest.raises(ZeroDivisionError), cell.session(sichuan) as session:
        schedule(session, "tests.ring", aggregate=uuid4(), due_at=cell.clock.now())
        raise ZeroDivisionError
    cell.clock.advance(timedelta(hours=1))
    cell.run_timers()
    assert ran == []
