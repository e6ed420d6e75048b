"""Beats name what changed: nobody who missed one takes for complete what it does not know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from events.envelope import decode
from shared.broadcasts import heartbeats
from shared.broadcasts.cells import cell_context, cell_id, send_to_cell
from shared.broadcasts.completeness import KnownCell, KnownHome
from shared.broadcasts.heartbeats import LAST, Beats
from shared.messaging import sweeping
from shared.messaging.relay import Unsent
from tests.builders.cell import Weather
from tests.builders.two_cells import TwoCells, lost_on_the_way_to
from tests.standards.given import given_standard

LONG = timedelta(minutes=2)


@pytest.fixture(scope="module")
def home(cells: TwoCells) -> UUID:
    return cells.tenant("sichuan")


@pytest.fixture(autouse=True)
def calm(cells: TwoCells, home: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """The home has broadcast, all is known, and one worker's clock is that of the other."""
    monkeypatch.setattr(heartbeats, "CLOCKS", timedelta(0))
    monkeypatch.setattr(heartbeats, "ALL_AGAIN", LONG)
    given_standard(cells.one, home)
    cells.calm()
    cells.one.sweeping.beats = Beats()
    cells.pass_seconds(LAST + 2)


def beats_to(cells: TwoCells, keep: Callable[[dict[str, Any]], bool] = lambda _beat: True) -> tuple[Weather, list[Any]]:
    """Of what is told the second cell only beats arrive, and of these those to keep, and it asks in vain; all beats."""
    said: list[dict[str, Any]] = []

    def weather(messages: list[Unsent]) -> list[Unsent]:
        return [row for row in messages if arrives(row)]

    def arrives(row: Unsent) -> bool:
        told = decode(row.value)
        if not row.topic.startswith("cell2."):
            return told.kind != "ask"
        if told.kind != "beat" or told.document["from"] != "cell1":
            return False
        said.append(dict(told.document))
        return keep(said[-1])

    return weather, said


def believed(cells: TwoCells, home: UUID) -> tuple[datetime | None, bool]:
    """Until when the second cell knows all that the first one's homes said, and whether it misses something of one."""
    with cells.two.worker_database.cell_session() as session:
        return session.get_one(KnownCell, "cell1").said_at, session.get_one(KnownHome, home).behind


def test_a_beat_names_the_homes_that_have_broadcast_lately(cells: TwoCells, home: UUID) -> None:
    weather, said = beats_to(cells)
    cells.pass_seconds(1, weather)
    given_standard(cells.one, home)
    cells.pass_seconds(LAST + 3, weather)
    named = [set(beat["homes"]) for beat in said]
    assert named[0] == named[-1] == set()
    assert {str(home)} in named
    assert all(beat["since"] is not None for beat in said)


@pytest.mark.parametrize("lost", [1, LAST - 1])
def test_whoever_misses_some_beats_is_told_by_the_next(cells: TwoCells, home: UUID, lost: int) -> None:
    given_standard(cells.one, home)
    cells.pass_seconds(lost, lost_on_the_way_to(cells.two))
    assert believed(cells, home)[1] is False, "nothing was heard yet"
    weather, _said = beats_to(cells)
    cells.pass_seconds(1, weather)
    assert believed(cells, home)[1] is True


def test_whoever_misses_more_believes_none_until_all_homes_are_named_again(cells: TwoCells, home: UUID) -> None:
    before = believed(cells, home)
    given_standard(cells.one, home)
    cells.pass_seconds(LAST + 2, lost_on_the_way_to(cells.two))
    weather, said = beats_to(cells)
    cells.pass_seconds(3, weather)
    assert len(said) == 3
    assert believed(cells, home) == before
    cells.pass_seconds(2)
    assert believed(cells, home)[0] != before[0], "it has asked"
    cells.calm()


def test_whoever_never_asks_is_told_of_all_homes_after_a_while(cells: TwoCells, home: UUID) -> None:
    before = believed(cells, home)
    given_standard(cells.one, home)
    cells.pass_seconds(LAST + 2, lost_on_the_way_to(cells.two))
    cells.one.clock.advance(LONG)
    weather, _said = beats_to(cells)
    cells.pass_seconds(1, weather)
    after = believed(cells, home)
    assert (after[0] != before[0], after[1]) == (True, True)


def test_a_cell_that_asks_all_the_time_is_told_of_all_homes_now_and_then(cells: TwoCells) -> None:
    said, question = [], {"home": str(cell_id("cell1")), "after": None, "entries": []}
    for _second in range(20):
        with cells.two.worker_database.session(cell_context(cells.two.settings)) as session:
            send_to_cell(session, "ask", to="cell1", content=question, key=cell_id("cell1"))
        weather, told = beats_to(cells)
        cells.two.carry()
        cells.pass_seconds(1, weather)
        said += told
    assert 2 <= sum(beat["since"] is None for beat in said) <= 4


def test_of_a_beat_in_parts_each_must_come(cells: TwoCells, home: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "MOST_NAMED", 1)
    given_standard(cells.one, cells.tenant("guizhou"))
    before = believed(cells, home)
    for part in (1, 2):
        cells.one.sweeping.beats = Beats()
        weather, said = beats_to(cells, lambda beat, lost=part: beat["part"][0] != lost)  # type: ignore[misc]
        cells.pass_seconds(1, weather)
        assert len(said) > 1
        assert believed(cells, home)[0] == before[0]
    cells.one.sweeping.beats = Beats()
    cells.pass_seconds(1)
    assert believed(cells, home)[0] != before[0]


def test_a_home_that_could_not_be_counted_counts_as_behind_and_then_no_longer(
    cells: TwoCells, home: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_session: Any) -> None:
        raise RuntimeError("cannot count")

    given_standard(cells.one, home)
    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "number_broadcasts", fails)
        cells.pass_seconds(1)
        assert believed(cells, home)[1] is True
    cells.calm()
    assert believed(cells, home)[1] is False
