"""The dry run says beforehand what really enabling a recognition gives, and changes and publishes nothing."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from events import standards as events
from services.standards.models import Certificate, Check, certificate_id
from services.standards.queries import dry_run as queries
from shared.core.calendar import day_of, end_of, start_of
from shared.core.context import PLATFORM
from shared.journal.entries import JournalRow
from shared.journal.outbox import OutboxRow
from shared.rules.periods import with_period
from tests.builders.cell import Cell
from tests.builders.sizes import seeds, soak
from tests.standards.given import (
    given_body,
    given_certificate,
    given_recognition,
    given_standard,
    item,
    period,
)

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ITEMS = [{"standard": str(uuid4())}]
CLASSES = ["C2110", "C2120", "C2231"]
LIMITS = {"product_classes": ["C21"], "extra_tests": ["GB/T 1"], "validity_cap_months": 2}


class World:
    """Two tenants, two standards, twelve certificates, and a history of what happened and was asked."""

    def __init__(self, cell: Cell, seed: int) -> None:
        self.cell, self.rng = cell, random.Random(seed)
        self.here, self.there = cell.tenant("sichuan"), cell.tenant("chongqing")
        self.standards = [given_standard(cell, self.there) for _standard in range(2)]
        bodies = [given_body(cell, self.there, standard) for standard in self.standards]
        pairs = zip(self.standards, bodies, strict=True)
        self.numbers = [self._certificate(one, by) for one, by in pairs for _certificate in range(6)]
        self.begins = midnight_after(cell)

    def _certificate(self, standard: UUID, body: UUID) -> str:
        methods = self.rng.choice([["GB/T 1"], ["GB/T 1", "GB/T 2"], ["GB/T 2"]])
        products = [{"class": one, "name": "x"} for one in self.rng.sample(CLASSES, 1)]
        begun_on = day_of(self.cell.clock.now()) - self.rng.choice([0, 40]) * DAY
        fields = {"methods": methods, "products": products, "valid_from": begun_on}
        return given_certificate(self.cell, self.there, body, standard=standard, **fields)

    @property
    def items(self) -> list[dict[str, Any]]:
        """What is recognised, without its time."""
        made = [
            item(self.standards[0], self.cell.clock.now(), **LIMITS),
            item(self.standards[1], self.cell.clock.now()),
        ]
        return [{name: value for name, value in one.items() if name not in ("from", "until")} for one in made]

    def go_to(self, moment: datetime) -> None:
        self.cell.clock.advance(max(moment - self.cell.clock.now(), timedelta(0)))

    def enable(self) -> UUID:
        """Really in force from the day on."""
        begins = start_of(self.begins)
        held = [{**one, "from": period("x", begins)["from"], "until": None} for one in self.items]
        return given_recognition(
            self.cell, self.here, self.there, standard=self.standards[0], items=held,
            spells=[period("in_force", begins)],
        )  # fmt: skip

    def live(self) -> list[tuple[int, bool]]:
        """Fifteen days of questions, and of certificates suspended and revoked; the same for every world of a seed."""
        answered: list[tuple[int, bool]] = []
        for step in range(30):
            self.go_to(start_of(self.begins) + step * DAY / 2 + HOUR)
            if self.rng.random() < 0.3:
                self._something_happens()
            questions = [self._question() for _number in range(4)]
            numbers = [self.numbers.index(question["certificate"]) for question in questions]
            answered += zip(numbers, self.ask(*questions), strict=True)
        return answered

    def _something_happens(self) -> None:
        number, state = self.rng.choice(self.numbers), self.rng.choice(["suspended", "revoked"])
        since = self.cell.clock.now() - self.rng.randrange(3) * DAY
        with self.cell.session(self.there) as session:
            row = session.locked(Certificate, certificate_id(self.there, number))
            row.state, row.spells = state, with_period(row.spells, state, since=max(since, start_of(row.valid_from)))
            session.publish(row, events.CertificateSuspended(reason=None))
        self.cell.carry()

    def _question(self) -> dict[str, Any]:
        rng, now = self.rng, self.cell.clock.now()
        asked: dict[str, Any] = {"certificate": rng.choice(self.numbers)}
        if rng.random() < 0.5:
            asked["for"] = f"class:{rng.choice(CLASSES)}"
        if rng.random() < 0.5:
            asked["as_of"] = str(day_of(now) + rng.randrange(-5, 60) * DAY)
        if rng.random() < 0.4:
            asked["known_at"] = period("x", now - rng.randrange(1, 30) * DAY / 2)["from"]
        return asked

    def ask(self, *questions: dict[str, Any]) -> list[bool]:
        """Whether each counts here, as the API says, one after the other."""
        answer = self.cell.client(self.here).post("/v1/recognitions/checks", {"items": questions})
        assert answer.status_code == 200, answer.json
        return [result["counts"] for result in answer.json["results"]]

    def run_dry(self, **asked: Any) -> dict[str, Any]:
        body = {"from": str(self.begins), **asked}
        answer = self.cell.client(self.here).post("/v1/recognitions/dry-run", body)
        assert answer.status_code == 200, answer.json
        found: dict[str, Any] = answer.json
        return found

    def ids(self) -> list[int]:
        """The log's ids, in the order asked."""
        with self.cell.session(self.here) as session:
            return list(session.scalars(select(Check.id).order_by(Check.id)))

    def written(self) -> list[Any]:
        """How much these two and the platform have written and published."""
        counted = []
        for tenant in (self.here, self.there, PLATFORM):
            with self.cell.session(tenant) as session:
                tables = (JournalRow, OutboxRow, Check)
                counted += [session.scalar(select(func.count()).select_from(table)) for table in tables]
        return counted


def midnight_after(cell: Cell) -> date:
    return day_of(end_of(day_of(cell.clock.now())))


@soak
@pytest.mark.parametrize("seed", seeds(1, 6))
def test_the_dry_run_says_what_the_real_run_gives_on_a_copy(cell: Cell, seed: int) -> None:
    supposed = World(cell, seed)
    asked = supposed.live()
    before = supposed.written()
    found = supposed.run_dry(recognised=str(supposed.there), items=supposed.items)
    assert supposed.written() == before, "nothing was written, nothing published, nothing logged"

    cell.clock.offset = timedelta(0)
    real = World(cell, seed)
    real.go_to(start_of(real.begins))
    key = real.enable()
    answered = real.live()
    assert [one[0] for one in asked] == [one[0] for one in answered], "the two worlds were asked the same"
    differing = [place for place, (one, other) in enumerate(zip(asked, answered, strict=True)) if one != other]
    assert differing, "the recognition makes a difference"
    assert (found["examined"], found["complete"], found["not_reproduced"]) == (len(asked), True, 0)
    assert found["would_differ"] == len(differing)
    ids = supposed.ids()
    assert [one["id"] for one in found["differing"]] == [ids[place] for place in reversed(differing)][:100]
    assert found["to_yes"] == sum(answered[place][1] for place in differing)
    assert found["to_no"] == sum(asked[place][1] for place in differing)
    by_standard = {one["standard"]: one["would_differ"] for one in found["by_standard"]}
    of = [str(supposed.standards[answered[place][0] // 6]) for place in differing]
    assert by_standard == {standard: of.count(standard) for standard in set(of)}

    without = real.run_dry(recognition=str(key))
    assert without["to_no"] == found["to_yes"], "had it not been, the same would have been refused"
    assert without["would_differ"] == found["would_differ"]


def test_beyond_what_is_examined_the_newest_count_and_it_says_so(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 5)
    monkeypatch.setattr(queries, "STEP", 2)
    world = World(cell, 0)
    world.go_to(start_of(world.begins) + HOUR)
    for _question in range(7):
        world.ask({"certificate": world.numbers[6]})
    found = world.run_dry(recognised=str(world.there), items=world.items)
    assert (found["examined"], found["complete"], found["to_yes"]) == (5, False, 5)
    assert [one["id"] for one in found["differing"]] == world.ids()[:-6:-1]


def test_one_dry_run_at_a_time_for_each_tenant(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    asked = {"from": "2026-01-01", "recognised": str(PLATFORM), "items": ITEMS}
    with cell.session(sichuan) as session:
        queries._one_at_a_time(session)
        refused = cell.client(sichuan).post("/v1/recognitions/dry-run", asked)
        assert (refused.status_code, refused.json["code"]) == (409, "dry_run_under_way")
        assert cell.client(chongqing).post("/v1/recognitions/dry-run", asked).status_code == 200
    assert cell.client(sichuan).post("/v1/recognitions/dry-run", asked).status_code == 200


def test_checks_before_the_day_and_about_others_are_left_out(cell: Cell) -> None:
    world = World(cell, 0)
    world.ask({"certificate": world.numbers[6]})
    world.go_to(start_of(world.begins) + HOUR)
    world.ask({"certificate": world.numbers[6], "in": str(world.there)})
    assert world.run_dry(recognised=str(world.there), items=world.items)["examined"] == 0


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"from": "2199-01-01", "recognition": str(uuid4())}, "from_in_future", "/from"),
        ({"from": "2026-01-01"}, "invalid", "/"),
        ({"from": "2026-01-01", "recognised": str(PLATFORM), "recognition": str(uuid4())}, "invalid", "/"),
        ({"from": "2026-01-01", "recognised": "nobody", "items": ITEMS}, "invalid", "/recognised"),
        ({"from": "2026-01-01", "recognised": str(PLATFORM), "items": []}, "invalid", "/items"),
    ],
)  # fmt: skip
def test_what_cannot_be_supposed_is_refused(
    cell: Cell, sichuan: UUID, body: dict[str, Any], code: str, pointer: str
) -> None:
    answer = cell.client(sichuan).post("/v1/recognitions/dry-run", body)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert answer.json["errors"][0]["pointer"] == pointer


def test_another_tenants_recognition_cannot_be_supposed_away(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = given_recognition(cell, sichuan, chongqing, standard=uuid4())
    answer = cell.client(cell.tenant("guizhou")).post(
        "/v1/recognitions/dry-run", {"from": "2026-01-01", "recognition": str(key)}
    )
    assert answer.status_code == 404
