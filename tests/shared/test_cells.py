"""Cells among themselves: none speaks for what lives elsewhere, none asks without end, copies end up equal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select

from events.envelope import Envelope, decode
from services.standards.models import Body
from services.tenants.commands import set_quotas
from shared.broadcasts.cells import cell_context, cell_id, send_to_cell
from shared.broadcasts.completeness import Gap, KnownCell, KnownHome, Lapse
from shared.broadcasts.heartbeats import Beats
from shared.broadcasts.horizon import Horizon
from shared.broadcasts.knowledge import Thing, horizons
from shared.broadcasts.manifests import MOST_LINES, answer_cell
from shared.core.context import PLATFORM
from shared.messaging import quotas
from shared.messaging.relay import Unsent
from shared.replication import announcing
from shared.replication.progress import RejectRow
from tests.builders.cell import Cell
from tests.builders.officials import drafted
from tests.builders.parks import bare_park
from tests.builders.two_cells import TwoCells, lost_on_the_way_to
from tests.standards.given import given_body, given_standard

ALL: dict[str, Any] = {"since": None, "part": [1, 1], "ids": [None, None]}
"""A beat that names all homes."""


@pytest.fixture(autouse=True)
def calm(cells: TwoCells) -> Iterator[None]:
    cells.calm()
    yield
    # What tests let cells say, they never said: they tell all again.
    for cell in cells.both:
        cell.sweeping.beats = Beats()


@pytest.fixture(scope="module")
def home(cells: TwoCells) -> UUID:
    return cells.tenant("sichuan")


@pytest.fixture(scope="module")
def neighbour(cells: TwoCells) -> UUID:
    return cells.tenant("chongqing", there=True)


def say(cell: Cell, kind: Any, to: Cell, **content: Any) -> None:
    """The worker of a cell tells the other something that our code would not."""
    with cell.worker_database.session(cell_context(cell.settings)) as session:
        send_to_cell(session, kind, to=to.settings.cell, content=content, key=uuid4())
    cell.carry()


def horizon(cell: Cell, home: UUID, aggregate: UUID) -> Horizon | None:
    now = cell.clock.now()
    thing = Thing(home, aggregate, now)
    with cell.database.cell_session() as session:
        return horizons(session, cell.database.directory, things=[thing], now=now)[thing]


def rejected(cell: Cell) -> int:
    with cell.worker_database.cell_session() as session:
        return len(session.scalars(select(RejectRow.offset)).all())


def line(aggregate: UUID, version: int = 99) -> list[Any]:
    return [Body.kind, str(aggregate), 1, version, "0" * 64]


def test_no_cell_speaks_for_a_home_that_lives_elsewhere(cells: TwoCells, home: UUID) -> None:
    body = given_body(cells.one, home, given_standard(cells.one, home))
    cells.pass_seconds(1)
    with cells.two.worker_database.cell_session() as session:
        before = session.get_one(KnownHome, home).position
    say(cells.two, "manifest", cells.two, home=str(home), first=before + 1, previous="", lines=[line(body)])
    say(cells.two, "beat", cells.two, **ALL, homes={str(home): [before + 9, ""]})
    with cells.two.worker_database.cell_session() as session:
        row = session.get_one(KnownHome, home)
        assert (row.position, row.behind, row.cell) == (before, False, "cell1")
    assert horizon(cells.two, home, body) is None


def test_a_home_that_names_anothers_things_makes_nobody_but_itself_look_behind(
    cells: TwoCells, home: UUID, neighbour: UUID
) -> None:
    body = given_body(cells.one, home, given_standard(cells.one, home))
    cells.pass_seconds(1)
    with cells.one.worker_database.cell_session() as session:
        row = session.get_one(KnownHome, neighbour)
    manifest = {"home": str(neighbour), "first": row.position + 1, "previous": row.chain}
    say(cells.two, "manifest", cells.one, **manifest, lines=[line(body)])
    assert horizon(cells.one, home, body) is None
    ended = horizon(cells.one, neighbour, body)
    assert ended is not None
    assert ended.missing
    with cells.one.worker_database.cell_session() as session:
        session.execute(delete(Gap).where(Gap.home == neighbour))


def test_what_another_has_signed_or_is_for_another_cell_says_nothing(cells: TwoCells, home: UUID) -> None:
    before, wrong = rejected(cells.two), []

    def change(messages: list[Unsent]) -> list[Unsent]:
        wrong.extend(row for row in messages if decode(row.value).kind == "beat" and row.topic.startswith("cell2."))
        return [altered(row) if row in wrong else row for row in messages]

    with cells.two.worker_database.cell_session() as session:
        received = session.get_one(KnownCell, "cell1").said_at
    cells.pass_seconds(1, change)
    assert wrong
    assert rejected(cells.two) == before + len(wrong)
    cells.two.deliver([row._replace(topic="cell2.tenants.events") for row in sent_to_itself(cells.one)])
    with cells.two.worker_database.cell_session() as session:
        assert session.get_one(KnownCell, "cell1").said_at == received
    cells.one.carry()


def altered(row: Unsent) -> Unsent:
    message = json.loads(row.value)
    message["data"]["beat"]["homes"] = {}
    return row._replace(value=json.dumps(message).encode())


def sent_to_itself(cell: Cell) -> list[Unsent]:
    cell.tick()
    messages = cell.take_unsent()
    return [row for row in messages if row.topic.startswith(f"{cell.settings.cell}.")]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("beat", {**ALL, "homes": 5}),
        ("beat", {**ALL, "homes": {"x": [1, ""]}}),
        ("beat", {**ALL, "homes": {str(uuid4()): [-1, ""]}}),
        ("beat", {**ALL, "homes": {str(uuid4()): [1, "\0"]}}),
        ("beat", {**ALL, "at": "2026-01-01", "homes": {}}),
        ("beat", {**ALL, "since": "2026-01-01", "homes": {}}),
        ("beat", {**ALL, "part": [2, 1], "homes": {}}),
        ("beat", {**ALL, "ids": ["x", None], "homes": {}}),
        ("manifest", {"home": 5, "first": 1, "previous": "", "lines": []}),
        ("manifest", {"home": str(uuid4()), "first": 1, "previous": "", "lines": []}),
        ("manifest", {"home": str(uuid4()), "first": 0, "previous": "", "lines": [line(uuid4())]}),
        ("manifest", {"home": str(uuid4()), "first": 1, "previous": "", "lines": [line(uuid4(), 2**31)]}),
        ("manifest", {"home": str(uuid4()), "first": 1, "previous": "", "lines": [[1, 2]]}),
        ("manifest", {"home": str(uuid4()), "first": 1, "previous": "", "lines": [line(uuid4())] * (MOST_LINES + 1)}),
        ("ask", {"home": str(PLATFORM), "after": "x", "entries": []}),
        ("ask", {"home": str(PLATFORM), "after": None, "entries": [[1, 2]]}),
        ("ask", {"home": 5, "after": None, "entries": []}),
    ],
)
def test_what_a_cell_signs_and_has_no_form_stops_nobody(cells: TwoCells, kind: Any, content: dict[str, Any]) -> None:
    before = rejected(cells.one)
    say(cells.two, kind, cells.one, **content)
    assert rejected(cells.one) == before + 1


def test_a_beat_from_the_future_is_believed_until_now_alone(cells: TwoCells, home: UUID) -> None:
    future = cells.one.clock.now() + timedelta(days=9)
    say(cells.one, "beat", cells.two, **ALL, at=future.isoformat(), homes={})
    with cells.two.worker_database.cell_session() as session:
        assert session.get_one(KnownCell, "cell1").said_at <= cells.one.clock.now()


def test_a_cell_whose_clock_is_late_adds_to_one_lapse(cells: TwoCells, home: UUID) -> None:
    cells.one.clock.advance(timedelta(minutes=1))
    mine = select(Lapse).where(Lapse.source == cell_id("cell1")).order_by(Lapse.until)
    with cells.two.worker_database.cell_session() as session:
        before = len(session.scalars(mine).all())
    for _second in range(50):
        cells.one.clock.advance(timedelta(seconds=1))
        late = cells.one.clock.now() - timedelta(seconds=40)
        say(cells.one, "beat", cells.two, **ALL, at=late.isoformat(), homes={})
    with cells.two.worker_database.cell_session() as session:
        lapses = session.scalars(mine).all()[before:]
    assert len(lapses) <= 3
    assert cells.one.clock.now() - lapses[-1].until < timedelta(seconds=1)
    assert all(one.until >= following.known_until for one, following in pairwise(lapses))


def test_what_never_comes_is_asked_for_ever_more_seldom(cells: TwoCells, home: UUID) -> None:
    with cells.one.session(PLATFORM) as session:
        set_quotas(session, home, requests_per_minute=4000)
    cells.one.carry(lost_on_the_way_to(cells.two))
    asked = Counter[str]()

    def unanswered(messages: list[Unsent]) -> list[Unsent]:
        kinds = [decode(row.value).kind for row in messages]
        asked.update(kinds)
        return [row for row, kind in zip(messages, kinds, strict=True) if kind != "ask"]

    cells.pass_seconds(40, unanswered)
    assert 3 <= asked["ask"] <= 6
    cells.one.clock.advance(timedelta(minutes=1))


def test_a_cell_is_told_only_what_was_broadcast_and_not_twice_at_once(cells: TwoCells, home: UUID) -> None:
    other = cells.tenant("guizhou")
    park = UUID(drafted(cells.one, home, other).split("/")[-1])
    body = given_body(cells.one, home, given_standard(cells.one, home))
    cells.pass_seconds(1)
    told = [told_again(cells.one, home, park, body), told_again(cells.one, home, body)]
    assert [[one.subject for one in some] for some in told] == [[str(body)], []]


def told_again(cell: Cell, home: UUID, *aggregates: UUID) -> list[Envelope]:
    entries = [[str(key), 1, 1] for key in aggregates]
    with cell.worker_database.session(cell.context(home)) as session:
        answer_cell(session, "cell2", document={"after": None, "entries": entries})
    return [decode(row.value) for row in cell.take_unsent()]


def test_a_cell_that_asks_without_end_is_told_only_so_much(
    cells: TwoCells, home: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = given_body(cells.one, home, given_standard(cells.one, home))
    cells.pass_seconds(1)
    monkeypatch.setattr(quotas, "PER_MINUTE", {**quotas.PER_MINUTE, quotas.RESENT: 6})
    told = 0
    for _second in range(20):
        cells.one.clock.advance(timedelta(seconds=1))
        content = {"home": str(home), "after": None, "entries": [[str(body), 1, 1]]}
        with cells.two.worker_database.session(cell_context(cells.two.settings)) as session:
            send_to_cell(session, "ask", to="cell1", content=content, key=home)
        cells.one.deliver(cells.two.take_unsent())
        told += len(cells.one.take_unsent())
    assert 6 <= told <= 9
    cells.one.clock.advance(timedelta(minutes=2))


def test_a_cell_that_is_cut_off_keeps_no_head_from_the_others(
    cells: TwoCells, home: UUID, neighbour: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = cells.tenant("guizhou", there=True)
    with cells.two.session(there) as session:
        bare_park(session, [home, neighbour])
    cells.one.carry(lambda messages: [row for row in messages if decode(row.value).kind != "receipt"])
    monkeypatch.setattr(announcing, "unsent_topics", lambda _session: {"cell1.parks.events"})
    cells.one.clock.advance(timedelta(seconds=3))
    cells.two.sweep(there)
    told = [one.document["to"] for row in cells.two.take_unsent() if (one := decode(row.value)).kind == "head"]
    assert told == [str(neighbour)]


def test_no_beat_follows_one_that_has_not_left(cells: TwoCells, home: UUID) -> None:
    for _second in range(5):
        cells.one.clock.advance(timedelta(seconds=2))
        cells.one.tick()
    beats = Counter(row.topic for row in cells.one.take_unsent() if decode(row.value).kind == "beat")
    assert set(beats.values()) == {1}
