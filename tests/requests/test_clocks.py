"""Terms of cases: what silence does, what a calendar changes, and that no party believes a home that cheats."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from services.requests.commands.handling import end_term
from services.requests.domain import clocks
from services.requests.domain.clocks import APPLICANT, of_applicant, of_handler, reckoned
from shared.core.calendar import BEIJING, day_of
from shared.reference.working_days import national
from shared.rules.working_days import Year
from tests.builders.administration import system
from tests.builders.cell import Cell
from tests.builders.sizes import seeds
from tests.requests.given import REASON, done, filed, opened

GUIZHOU, SICHUAN, HUNAN = (UUID(int=number) for number in range(1, 4))
FIVE, TWENTY = {"days": 5, "unit": "working"}, {"days": 20, "unit": "working"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def due(found: Any, today: str, calendar: Any = None) -> str | None:
    standing = reckoned(found[-1], calendars=lambda _tenant: calendar or national(), today=date.fromisoformat(today))
    return None if standing.due is None else standing.due.day.isoformat()


def test_terms_over_spring_festival_and_national_day_as_worked_out_by_hand() -> None:
    """行政许可法 art. 32 (5 working days, 5 again on completed papers), 42 (20 + 10), 45 (a review is not counted)."""
    found = clocks.begun([], clock="acceptance", term=FIVE, side=of_handler(GUIZHOU), now=at("2026-02-12T16:00"))
    # 13, Saturday 14 (work), 24, 25, 26; 15 to 23 are the Spring Festival.
    assert due(found, "2026-02-12") == "2026-02-26"
    found = clocks.begun(found, clock="supplement", term=FIVE, side=of_applicant(HUNAN), now=at("2026-02-13T10:00"))
    # Saturday 14 (work), 24, 25, 26, 27.
    assert due(found, "2026-02-13") == "2026-02-27"
    found = clocks.begun(found, clock="acceptance", term=FIVE, side=of_handler(GUIZHOU), now=at("2026-02-27T23:00"))
    # Saturday 28 (work), 2, 3, 4, 5 March.
    assert due(found, "2026-02-27") == "2026-03-05"
    found = clocks.begun(found, clock="answer", term=TWENTY, side=of_handler(GUIZHOU), now=at("2026-09-14T09:00"))
    # 15 to 18 (4), Sunday 20 (work, 5), 21 to 24 (9), 28 to 30 (12), 8, 9, Saturday 10 (work, 15), 12 to 16 (20).
    assert due(found, "2026-09-14") == "2026-10-16"
    found = clocks.turned(found, owner=str(GUIZHOU), ground="expert_review", now=at("2026-09-18T09:00"))
    assert due(found, "2026-09-21") is None
    found = clocks.turned(found, owner=str(GUIZHOU), now=at("2026-09-22T09:00"))
    # 20, 21 and 22 stood still: three working days later.
    assert due(found, "2026-09-22") == "2026-10-21"
    found = [*found[:-1], {**found[-1], "extra": 10}]
    assert due(found, "2026-09-22") == "2026-11-04"


def test_a_term_over_new_year_is_provisional_and_moves_with_the_notice() -> None:
    found = clocks.begun([], clock="answer", term=TWENTY, side=of_handler(GUIZHOU), now=at("2026-12-21T09:00"))
    # 22 to 25, 28 to 31 (8), 4 to 8 January (13), 11 to 15 (18), 18, 19.
    assert due(found, "2026-12-21") == "2027-01-19"
    set_days = {date(2027, 1, 2): False, date(2027, 1, 3): True, date(2027, 1, 4): False}
    assert due(found, "2026-12-21", national().with_years({2027: Year(set_days, is_published=True)})) == "2027-01-19"
    worked = national().with_years({2027: Year({date(2027, 1, 3): True}, is_published=True)})
    assert due(found, "2026-12-21", worked) == "2027-01-18"


@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(10, 200))
def test_no_change_of_handler_rule_or_calendar_loses_a_paused_day(seed: int) -> None:
    chance, now = Random(seed), at("2026-03-02T09:00")
    found = clocks.begun([], clock="answer", term=TWENTY, side=of_handler(GUIZHOU), now=now)
    plain = found
    for _each in range(12):
        now += timedelta(minutes=chance.randint(1, 6 * 24 * 60))
        ground = chance.choice([None, "hearing", "testing"])
        owner = chance.choice([str(GUIZHOU), APPLICANT])
        changed = chance.choice([{}, {"calendar": str(SICHUAN)}, {"days": chance.randint(5, 40)}, {"extra": 10}])
        found = clocks.turned(found, owner=owner, ground=ground, now=now, **changed)
        plain = clocks.turned(plain, owner=owner, ground=ground, now=now)
    today = day_of(now) + timedelta(days=3)
    one, other = (reckoned(each[-1], calendars=lambda _tenant: national(), today=today).used for each in (found, plain))
    assert one == other
    total = sum(
        national().is_working(date(2026, 3, 3) + timedelta(days=n)) for n in range((today - date(2026, 3, 2)).days)
    )
    assert sum(one.values()) == total


@pytest.fixture
def guizhou(cell: Cell) -> UUID:
    return cell.tenant("guizhou")


def over(cell: Cell, tenant: UUID, url: str) -> dict[str, Any]:
    """The case after its present term has ended."""
    last = date.fromisoformat(cell.client(tenant).get(url).json["due_on"])
    cell.clock.advance(datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=BEIJING) - cell.clock.now())
    cell.run_timers()
    before = cell.client(tenant).get(url).json
    cell.clock.advance(timedelta(seconds=2))
    cell.run_timers()
    cell.carry()
    after: dict[str, Any] = cell.client(tenant).get(url).json
    assert before["version"] < after["version"], "nothing happens before the last day has ended"
    return after


def test_silence_accepts_withdraws_closes_and_approves_only_where_the_item_says_so(
    cell: Cell, sichuan: UUID, guizhou: UUID
) -> None:
    item = opened(cell, guizhou)
    url = filed(cell, sichuan, item)
    accepted = over(cell, sichuan, url)
    # On the day of receipt (行政许可法 art. 32).
    assert (accepted["state"], accepted["accepted_at"]) == ("accepted", accepted["filed_at"])
    late = over(cell, sichuan, url)
    assert (late["state"], late["is_overdue"]) == ("accepted", True)
    assert cell.client(guizhou).get(f"/v1/requests?overdue=true&item={item}").json["items"][0]["id"] == late["id"]
    done(cell, guizhou, url, "decide", outcome="approved", **REASON)
    assert done(cell, guizhou, url, "deliver")["is_overdue"] is False
    assert over(cell, guizhou, url)["state"] == "closed"
    other = filed(cell, sichuan, item)
    done(cell, guizhou, other, "return", missing=["scope"], **REASON)
    assert over(cell, guizhou, other)["state"] == "withdrawn"


def test_a_calendar_that_is_published_counts_its_cases_anew_and_tells_both_sides(
    cell: Cell, sichuan: UUID, guizhou: UUID
) -> None:
    item = opened(cell, guizhou)
    url = filed(cell, sichuan, item)
    first = done(cell, guizhou, url, "accept")
    day = date.fromisoformat(first["due_on"])
    calendar = {"year": day.year, "days": [{"day": day.isoformat(), "is_working": False, "name_zh": "地方假日"}]}
    made = system(cell, guizhou).post("/v1/calendars", {**calendar, "notice": "试"})
    assert system(cell, guizhou).post(f"/v1/calendars/{made.json['id']}/publish", {}).status_code == 200
    cell.carry()
    cell.tick()
    # Whichever timer comes first, that of the term or that of the calendar.
    with cell.session(sichuan) as session:
        end_term(session, UUID(url.rpartition("/")[2]), {})
    cell.run_timers()
    cell.carry()
    ours, theirs = (cell.client(tenant).get(url).json for tenant in (sichuan, guizhou))
    assert date.fromisoformat(ours["due_on"]) > day
    assert (ours["due_on"], ours["version"]) == (theirs["due_on"], theirs["version"])
    told = cell.client(guizhou).get(f"{url}/timeline?limit=1").json["items"][0]
    assert told["type"] == "requests.case.due_changed.v1"
