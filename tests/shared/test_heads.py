"""Heads: said of what is lost, soon; not of what this cell has still to read; and no sign keeps home still for long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from events.envelope import Envelope, decode
from services.parks.models import Park
from shared.broadcasts.completeness import KnownCell
from shared.broadcasts.heartbeats import Beats
from shared.messaging.relay import Unsent
from tests.builders.cell import Cell, Weather, fair
from tests.builders.parks import bare_park
from tests.builders.sizes import size

SECOND = timedelta(seconds=1)
LONGEST = 30
"""Seconds after which a head is said whatever the sign: the looks before are at 2, 6 and 14 s."""


def of(messages: Iterable[Unsent], home: UUID, kind: str) -> list[Envelope]:
    found = [decode(row.value) for row in messages]
    return [one for one in found if (one.source, one.kind) == (home, kind)]


def without(*kinds: str) -> Weather:
    """What is of these kinds is lost."""
    return lambda messages: [row for row in messages if decode(row.value).kind not in kinds]


@pytest.fixture(autouse=True)
def _beats_return(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that keeps up, and no time but what a test says; beats of another test may be of a later hour."""
    began = cell.clock.now()
    monkeypatch.setattr(cell.clock, "now", lambda: began + cell.clock.offset)
    with cell.worker_database.cell_session() as session:
        session.execute(delete(KnownCell))
    cell.sweeping.beats = Beats()
    for _second in range(2):
        cell.clock.advance(SECOND)
        cell.tick()
        cell.carry()
    cell.clock.advance(SECOND)


def parks_of(cell: Cell, home: UUID, party: UUID, *, number: int = 1) -> list[UUID]:
    with cell.session(home) as session:
        return [bare_park(session, [party]).id for _park in range(number)]


def shown(cell: Cell, tenant: UUID, parks: list[UUID]) -> int:
    with cell.session(tenant) as session:
        return len(session.scalars(select(Park.id).where(Park.id.in_(parks))).all())


def first_head(cell: Cell, home: UUID, *, weather: Weather = fair, behind: bool = False) -> int:
    """After how many seconds home says something, while this is the weather."""
    for second in range(1, 2 * LONGEST):
        cell.clock.advance(SECOND)
        cell.sweeping.run(behind=behind)
        messages = cell.take_unsent()
        cell.deliver(weather(messages))
        if of(messages, home, "head"):
            return second
    raise AssertionError("home says nothing")


def test_a_backlog_breeds_no_heads(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    many = size(20, 60)
    parks = parks_of(cell, sichuan, chongqing, number=many)
    for _second in range(20):
        cell.clock.advance(SECOND)
        cell.tick()
    waiting = cell.take_unsent()
    for _second in range(10):
        cell.clock.advance(SECOND)
        cell.tick()
        waiting += cell.take_unsent()
    assert not of(waiting, sichuan, "head")
    cell.deliver([row for row in waiting if row.key != str(parks[0]).encode()])
    cell.carry()
    assert shown(cell, chongqing, parks) == many - 1
    for _second in range(LONGEST):
        cell.clock.advance(SECOND)
        cell.tick()
        cell.carry()
    assert shown(cell, chongqing, parks) == many


@pytest.mark.parametrize("lost", ["entry", "receipt"])
def test_what_is_lost_while_the_worker_keeps_up_is_noticed_after_two_seconds(
    cell: Cell, sichuan: UUID, chongqing: UUID, lost: str
) -> None:
    parks = parks_of(cell, sichuan, chongqing)
    cell.carry(without(lost))
    assert first_head(cell, sichuan) == 2
    cell.carry()
    assert shown(cell, chongqing, parks) == 1


def test_beats_that_never_come_back_keep_home_still_for_half_a_minute_at_most(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    parks = parks_of(cell, sichuan, chongqing)
    cell.take_unsent()
    assert first_head(cell, sichuan, weather=without("beat")) == LONGEST
    cell.carry()
    assert shown(cell, chongqing, parks) == 1


def test_records_that_pile_up_all_the_time_do_not_either(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    parks = parks_of(cell, sichuan, chongqing)
    cell.take_unsent()
    assert first_head(cell, sichuan, behind=True) == LONGEST
    cell.carry()
    assert shown(cell, chongqing, parks) == 1


def test_a_worker_that_is_some_seconds_behind_says_it_at_the_look_after_it_has_read_on(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    parks_of(cell, sichuan, chongqing)
    cell.take_unsent()
    on_their_way: list[list[Unsent]] = [[] for _second in range(4)]

    def late(messages: list[Unsent]) -> list[Unsent]:
        on_their_way.append(messages)
        return on_their_way.pop(0)

    assert first_head(cell, sichuan, weather=late) == 6


def test_one_head_names_many_aggregates(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    parks_of(cell, sichuan, chongqing, number=60)
    cell.carry(without("receipt"))
    cell.clock.advance(timedelta(seconds=3))
    cell.sweep(sichuan)
    heads = of(cell.take_unsent(), sichuan, "head")
    assert 0 < len(heads) <= cell.settings.kafka.partitions
    assert sum(len(one.document["lines"]) for one in heads) == 60
