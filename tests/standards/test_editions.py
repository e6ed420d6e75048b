"""The list of recognised documents as plain values, and a recognition's copies after any weather."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from events.canonical import canonical, digest, instant
from services.standards.domain import agreeing
from services.standards.domain import objections as objecting
from services.standards.domain.agreeing import closed, without_end
from services.standards.domain.editions import LARGEST, MOST_KEPT, TERMS, check_kept, check_size, renewed, terms_of
from services.standards.domain.recognition import MOST_ITEMS, items_at
from services.standards.models import Recognition
from shared.core.calendar import day_of
from shared.core.errors import ConflictError
from shared.database.rows import state_of
from shared.evidence import journal_file
from shared.journal.entries import LARGEST_STATE
from shared.journal.progress import ProgressRow
from shared.replication.progress import HeldRow
from shared.rules.periods import state_at, with_period
from tests.builders.cell import Cell
from tests.builders.sizes import FULL, seeds, size, soak
from tests.journeys.test_weather import MakeWeather, calm, delaying, doubling, everything, lossy, shuffling
from tests.standards.given import given_standard, item
from tests.standards.recognition import item_draft, pass_days, proposed

START = datetime(2026, 1, 1, tzinfo=UTC)
LISTS = st.lists(st.sampled_from([UUID(int=number) for number in range(6)]), unique=True, max_size=5)
EDITIONS = st.lists(st.tuples(st.integers(0, 30), LISTS), max_size=6)


def listed(standards: list[UUID]) -> list[dict[str, Any]]:
    return [terms_of(item(standard, START)) for standard in standards]


def held(items: list[dict[str, Any]], day: int) -> set[str]:
    found = [one["standard"] for one in items_at({"items": items}, START + timedelta(days=day))]
    assert len(found) == len(set(found))
    return set(found)


@given(EDITIONS)
def test_at_every_moment_the_edition_holds_that_the_latest_will_says(editions: list[tuple[int, list[UUID]]]) -> None:
    items: list[dict[str, Any]] = []
    expected: list[set[str]] = [set() for _day in range(35)]
    for day, standards in editions:
        items = renewed(items, listed(standards), since=START + timedelta(days=day))
        expected[day:] = [{str(one) for one in standards} for _day in expected[day:]]
    assert [held(items, day) for day in range(35)] == expected


@given(st.lists(st.tuples(st.sampled_from(("in_force", "suspended")), st.integers(0, 40)), max_size=5))
def test_an_end_taken_back_leaves_the_course_as_it_was(steps: list[tuple[str, int]]) -> None:
    periods = with_period([], "proposed", since=START - timedelta(days=1))
    for state, day in sorted(steps, key=lambda step: step[1]):
        periods = with_period(periods, state, since=START + timedelta(days=day))
    for day in range(40):
        end = START + timedelta(days=day)
        ended = closed(periods, end)
        assert state_at(ended, end) == "ended"
        assert without_end(ended) == periods
        assert closed(closed(ended, end - timedelta(days=1)), end) == ended


def test_with_what_has_ended_a_list_is_bounded() -> None:
    items = [item(UUID(int=number), START) for number in range(MOST_KEPT)]
    assert set(items[0]) == {*TERMS, "from", "until"}
    check_kept(items)
    with pytest.raises(ConflictError, match="more than 200"):
        check_kept([*items, item(UUID(int=0), START)])


def test_what_must_always_be_possible_has_room_beside_the_largest_lists() -> None:
    digest = "sha256:" + "0" * 64
    objections: list[dict[str, Any]] = []
    for _one in range(objecting.MOST):
        objections = objecting.raised(objections, by=UUID(int=1), digest=digest, answer_by=START.date())
    changes = agreeing.MOST_CHANGES + 2 * objecting.MOST + 1
    periods = [{"state": "suspended", "from": instant(START)}] * changes
    assert LARGEST + len(canonical(periods)) < LARGEST_STATE
    plain_items = [item(UUID(int=number), START) for number in range(MOST_ITEMS)]
    again = {"items": [terms_of(one) for one in plain_items]}
    check_size(plain_items, again, objections, [])
    with pytest.raises(ConflictError, match="bytes"):
        check_size([*plain_items, *plain_items], again, objections, [])
    with pytest.raises(ConflictError, match="cannot be suspended again"):
        agreeing.check_room(periods)


def act_at_random(cell: Cell, rng: random.Random, url: str, *, parties: list[UUID], standards: list[UUID]) -> None:
    """Either side does something that may or may not be possible now."""
    client, today = cell.client(rng.choice(parties)), day_of(cell.clock.now())
    view, reason = client.get(url).json, {"reason": "核查"}
    read = {"content_hash": (view["pending"] or {}).get("content_hash", "0" * 64)}
    some = [item_draft(one) for one in rng.sample(standards, rng.randrange(1, len(standards)))]
    day, last = str(today + timedelta(days=rng.randrange(4))), len(view["objections"]) or 1
    choices: list[tuple[str, dict[str, Any]]] = [
        ("agree", read), ("agree", read), ("agree", read), ("suspend", reason), ("resume", {}), ("resume", {}),
        ("restore", reason),
        ("editions", {"items": some}), ("editions", {"items": some, "starts_on": day}), ("end", {**reason, "on": day}),
        ("objections", {**reason, "days": 5}), ("answer", {"objection": last, "answer": "已复核"}),
    ]  # fmt: skip
    if rng.random() < 0.05:
        choices = [("end", reason)]
    name, body = rng.choice(choices)
    answer = client.post(f"{url}/{name}", body)
    assert answer.status_code in (200, 202, 403, 409, 412, 422), answer.json


def assert_in_step(cell: Cell, key: UUID, parties: list[UUID]) -> Recognition:
    """Every copy equals home's, nothing waits, every journal is gapless and verifies with public keys alone."""
    rows: list[Recognition] = []
    heads = []
    for party in parties:
        with cell.session(party) as session:
            assert not session.scalars(select(HeldRow)).all()
            assert {row.status for row in session.scalars(select(ProgressRow))} == {"in_step"}
            (proven,) = journal_file.verify(journal_file.export(session, [key]), cell.settings.platform_key)
            rows.append(session.one(Recognition, key))
        heads.append((proven.first, proven.last, proven.head))
    assert len({(row.etag, digest(canonical(state_of(row)))) for row in rows}) == 1
    assert heads == [(1, heads[0][1], heads[0][2])] * len(parties)
    return rows[0]


@soak
@pytest.mark.parametrize("seed", seeds(1, 4))
@pytest.mark.parametrize(
    ("make", "steps"),
    [(each, 15) for each in (lossy, doubling, shuffling, delaying) if FULL] + [(everything, size(15, 40))],
)
def test_copies_are_equal_after_any_weather(
    cell: Cell, sichuan: UUID, chongqing: UUID, make: MakeWeather, steps: int, seed: int
) -> None:
    rng, parties = random.Random(seed), [sichuan, chongqing]
    standards = [given_standard(cell, tenant) for tenant in (sichuan, chongqing, chongqing)]
    url = proposed(cell, sichuan, chongqing, standard=standards[0], mutual=True)
    weather: Callable[[list[Any]], list[Any]] = make(rng)
    for _step in range(steps):
        act_at_random(cell, rng, url, parties=parties, standards=standards)
        cell.deliver(weather(cell.take_unsent()))
    calm(cell, *parties)
    pass_days(cell, 1)
    row = assert_in_step(cell, UUID(url.rpartition("/")[2]), parties)
    assert state_at(row.spells, cell.clock.now()) == row.state
    assert [period["from"] for period in row.spells] == sorted(period["from"] for period in row.spells)
