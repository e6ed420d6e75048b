"""Terms in days: the dates below were worked out by hand on the calendars that were published."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

import pytest

from shared.core.calendar import BEIJING, day_of
from shared.reference.working_days import national
from shared.rules.working_days import Due, Term, Turn, Unit, WorkingDays, Year
from tests.builders.sizes import seeds, size

OFFICE = "tenant"
APPLICANT = "applicant"
NEW_2027 = Year({date(2027, 1, 1): False, date(2027, 1, 3): True}, is_published=True)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def due(began: str, days: int, *, unit: Unit = "working", calendar: WorkingDays | None = None) -> Due | None:
    turns = [Turn(at(began), OFFICE)]
    return Term(days, unit).reckon(turns, calendar=calendar or national(), until=day_of(at(began))).due


@pytest.mark.parametrize(
    ("began", "days", "unit", "expected", "article"),
    [
        ("2026-09-21T10:00", 20, "working", "2026-10-26", "行政许可法 art. 42, 82: 中秋, 国庆, work on 10-10"),
        ("2026-02-11T09:00", 10, "working", "2026-03-03", "art. 82: work on 02-14 and 02-28, 春节 15 to 23"),
        ("2026-02-13T17:59", 5, "working", "2026-02-27", "art. 32: the Saturday 02-14 is the first day"),
        ("2026-02-14T09:00", 1, "working", "2026-02-24", "art. 32: the day of receipt is not counted"),
        ("2026-09-18T09:00", 15, "calendar", "2026-10-08", "信访工作条例 art. 22, 民法典 art. 203: 10-03 is a holiday"),
        ("2026-08-28T23:59", 60, "calendar", "2026-10-27", "信访工作条例 art. 34"),
        ("2026-09-30T23:59", 1, "working", "2026-10-08", "民法典 art. 201, by the clock in Beijing"),
        ("2026-12-24T09:00", 5, "working", "2026-12-31", "all within a published year"),
    ],
)  # fmt: skip
def test_a_term_ends_on_the_day_that_the_law_says(
    began: str, days: int, unit: Unit, expected: str, article: str
) -> None:
    assert due(began, days, unit=unit) == (date.fromisoformat(expected), False), article


@pytest.mark.parametrize(
    ("began", "days", "unit", "expected", "article"),
    [
        # Joint handling. Monday 26 January: 27 to 30 (4), February 2 to 6 (9), 9 to 13 (14), the Saturday 14 (15),
        # 16 to 23 is off, 24 to 27 (19), the Saturday 28 (20), March in weeks of five to the 27th (40), 30 to
        # April 3 (45). Fifteen more: the 6th is off, 7 to 10 (49), to the 17th (54), to the 24th (59), the 27th (60).
        ("2026-01-26T09:00", 45, "working", "2026-04-03", "行政许可法 art. 26, 42"),
        ("2026-01-26T09:00", 60, "working", "2026-04-27", "行政许可法 art. 26, 42: + 15"),
        # Thursday 12 February: 13, 14 (2), 24 to 28 (7), March 2, 3, 4 (10).
        ("2026-02-12T16:00", 10, "working", "2026-03-04", "行政许可法 art. 44: delivery"),
        # 13 days are left of December, 31 of January, so the 60th is 16 February, the first of six days off; 21 and
        # 22 are a weekend, and the 24th is the first day of work.
        ("2025-12-18T09:00", 60, "calendar", "2026-02-24", "信访工作条例 art. 34, 民法典 art. 203"),
        # Tuesday 29 September: 30 (1), October 8, 9, the Saturday 10 (4), Monday 12 (5).
        ("2026-09-29T09:00", 5, "working", "2026-10-12", "行政许可法 art. 47: a hearing is applied for"),
        # 13 to 16 (4), then weeks of five to 6 November (19), Monday 9 (20).
        ("2026-10-12T09:00", 20, "working", "2026-11-09", "行政许可法 art. 47: and held"),
        # Monday 28 September: 29, 30 (2), October 8, 9, 10 (5), 12, 13 (7).
        ("2026-09-28T09:00", 7, "working", "2026-10-13", "政府信息公开条例 art. 30"),
        # Thursday 10 September: 11 (1), 14 to 18 (6), the Sunday 20 (7), 21 to 24 (11), 25 is off, 28 to 30 (14),
        # October 8, 9, 10 (17), 12, 13, 14 (20). Twenty more: 15, 16 (22), weeks of five to 6 November (37), 9 to 11.
        ("2026-09-10T09:00", 20, "working", "2026-10-14", "政府信息公开条例 art. 33"),
        ("2026-09-10T09:00", 40, "working", "2026-11-11", "政府信息公开条例 art. 33: + 20"),
        # Thursday 24 September: 28 to 30 (3), October 8, 9, 10 (6), 12 to 15 (10).
        ("2026-09-24T09:00", 10, "working", "2026-10-15", "行政复议法 art. 31: else deemed withdrawn"),
        # 27 days are left of August, 30 of September, so the 60th is Saturday 3 October; the 8th is the first of work.
        ("2026-08-04T09:00", 60, "calendar", "2026-10-08", "行政复议法 art. 62, 民法典 art. 203"),
        # Friday 18 September: the Sunday 20 (1), 21 to 24 (5).
        ("2026-09-18T09:00", 5, "working", "2026-09-24", "济南市12345条例 (2018)"),
        # On from there: 28 to 30 (8), October 8, 9, 10 (11), 12 to 16 (16), 19 to 22 (20).
        ("2026-09-18T09:00", 20, "working", "2026-10-22", "广东省外商投资权益保护条例 (2022)"),
    ],
)  # fmt: skip
def test_terms_over_spring_festival_and_national_day(
    began: str, days: int, unit: Unit, expected: str, article: str
) -> None:
    assert due(began, days, unit=unit) == (date.fromisoformat(expected), False), article


@pytest.mark.parametrize(
    ("began", "days", "unit", "guess", "known", "article"),
    [
        # Tuesday 1 December: 2 to 4 (3), weeks of five to the 25th (18), 28 to 31 (22), 1 January is off, 4 to 8 (27),
        # 11, 12, 13 (30). With work on Sunday 3 January it is one day less: 3 (23), 4 to 8 (28), 11, 12 (30).
        ("2026-12-01T09:00", 30, "working", "2027-01-13", "2027-01-12", "行政许可法 art. 42: 20 + 10"),
        # 29 days are left of December, so the 30th is 1 January, which is off, then a weekend of which the Sunday may
        # be worked.
        ("2026-12-02T09:00", 30, "calendar", "2027-01-04", "2027-01-03", "信访工作条例 art. 35, 民法典 art. 203"),
        # Monday 28 December: 29, 30, 31 (3), January 4, 5 (5), or 3, 4 (5).
        ("2026-12-28T09:00", 5, "working", "2027-01-05", "2027-01-04", "行政复议法 art. 30"),
    ],
)
def test_terms_over_new_year_2027_are_provisional_and_change_once_the_year_is_published(
    began: str, days: int, unit: Unit, guess: str, known: str, article: str
) -> None:
    published = national().with_years({2027: NEW_2027})
    assert due(began, days, unit=unit) == (date.fromisoformat(guess), True), article
    assert due(began, days, unit=unit, calendar=published) == (date.fromisoformat(known), False), article


def test_a_term_that_ends_on_the_last_day_of_december_touches_no_year_without_a_notice() -> None:
    # As above to the 25th (18), 28, 29 (20).
    assert due("2026-12-01T09:00", 20) == (date(2026, 12, 29), False)
    # Thursday 31 December is a day of work, so nothing moves.
    assert due("2026-12-01T09:00", 30, unit="calendar") == (date(2026, 12, 31), False)


def test_papers_asked_for_over_spring_festival_stop_the_term_and_keep_their_own_days() -> None:
    turns = [
        Turn(at("2026-02-09T10:00"), OFFICE),
        Turn(at("2026-02-11T14:00"), APPLICANT, "supplement"),
        Turn(at("2026-02-21T20:00"), OFFICE),
    ]
    found = Term(20).reckon(turns, calendar=national(), until=date(2026, 2, 28))
    # 10, 11 and 24 to 28 are the office's; 12, 13 and the Saturday 14 began while the applicant was asked, and the
    # answer came on a day off.
    assert found.used == {(OFFICE, None): 7, (APPLICANT, "supplement"): 3}
    # Thirteen are left: March 2 to 6, 9 to 13, 16 to 18.
    assert (found.left, found.due) == (13, (date(2026, 3, 18), False))


def test_a_term_that_touches_a_year_without_a_notice_is_provisional_until_there_is_one() -> None:
    assert due("2026-12-24T09:00", 10) == (date(2027, 1, 8), True)
    assert due("2026-12-24T09:00", 10, calendar=national().with_years({2027: NEW_2027})) == (date(2027, 1, 7), False)


def test_days_of_one_tenant_come_on_top_of_the_countrys_and_publish_nothing() -> None:
    own = national().with_years({2027: Year({date(2027, 1, 4): False}), 2026: Year({date(2026, 12, 25): False})})
    assert due("2026-12-24T09:00", 10, calendar=own) == (date(2027, 1, 12), True)
    assert due("2026-12-24T09:00", 4, calendar=own) == (date(2026, 12, 31), False)


def test_days_of_a_pause_are_those_of_whoever_it_waits_for_and_all_days_sum_up() -> None:
    turns = [
        Turn(at("2026-09-21T10:00"), OFFICE),
        Turn(at("2026-09-23T15:00"), APPLICANT, "supplement"),
        Turn(at("2026-09-29T09:00"), OFFICE),
    ]
    found = Term(20).reckon(turns, calendar=national(), until=date(2026, 10, 12))
    # 22, 23 and 30, 8, 9, 10, 12 are the office's; 24, 28 and 29 began while the applicant was asked.
    assert found.used == {(OFFICE, None): 7, (APPLICANT, "supplement"): 3}
    assert (found.left, found.due) == (13, (date(2026, 10, 29), False))
    paused = Term(20).reckon(turns[:2], calendar=national(), until=date(2026, 10, 12))
    assert (paused.due, paused.left) == (None, 18)


def test_a_pause_within_one_day_keeps_nothing_and_a_term_that_ended_has_no_last_day() -> None:
    turns = [
        Turn(at("2026-09-21T10:00"), OFFICE),
        Turn(at("2026-09-22T10:00"), APPLICANT, "supplement"),
        Turn(at("2026-09-22T16:00"), OFFICE),
    ]
    found = Term(3).reckon(turns, calendar=national(), until=date(2026, 9, 22))
    assert found == ({(OFFICE, None): 1}, 2, (date(2026, 9, 24), False), [1, 0, 0])
    over = Term(3).reckon([*turns, Turn(at("2026-09-23T10:00"), None)], calendar=national(), until=date(2026, 9, 30))
    assert over == ({(OFFICE, None): 2}, 1, None, [1, 0, 1, 0])
    late = Term(1).reckon(turns, calendar=national(), until=date(2026, 9, 24))
    assert late == ({(OFFICE, None): 3}, 0, (date(2026, 9, 22), False), [1, 0, 2])


def test_a_term_that_nobody_can_ever_reach_has_no_last_day() -> None:
    closed = WorkingDays({year: Year({date(year, 1, 1) + timedelta(n): False for n in range(366)})
                          for year in range(2026, 2040)})  # fmt: skip
    assert due("2026-01-05T09:00", 1, calendar=closed) is None


def used_by_hand(turns: list[Turn], calendar: WorkingDays, until: date) -> dict[tuple[str, str | None], int]:
    """Each day asked anew who had the turn at its first moment."""
    found: dict[tuple[str, str | None], int] = {}
    day = day_of(turns[0].since) + timedelta(days=1)
    while day <= until:
        morning = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
        held = [turn for turn in turns if turn.since < morning][-1]
        if held.owner and calendar.is_working(day):
            key = held.owner, held.ground
            found[key] = found.get(key, 0) + 1
        day += timedelta(days=1)
    return found


@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(20, 400))
def test_whatever_pauses_handlers_rules_and_calendars_change_no_day_is_lost_or_counted_twice(seed: int) -> None:
    chance = Random(seed)
    for _each in range(size(5, 50)):
        moment, turns, owner = at("2026-01-05T09:00"), list[Turn](), OFFICE
        for _turn in range(chance.randint(1, 8)):
            owner = chance.choice([OFFICE, "other tenant", APPLICANT])
            turns.append(Turn(moment, owner, chance.choice([None, None, "supplement", "hearing"])))
            moment += timedelta(minutes=chance.randint(1, 30 * 24 * 60))
        until = day_of(moment) + timedelta(days=chance.randint(0, 20))
        for calendar in (national(), national().with_years({2026: Year({date(2026, 3, 3): False})})):
            used = used_by_hand(turns, calendar, until)
            counted = sum(number for (_owner, ground), number in used.items() if ground is None)
            for days in (counted, counted + 1, chance.randint(1, 60)):
                found = Term(days).reckon(turns, calendar=calendar, until=until)
                assert found.used == used
                assert found.left == max(0, days - counted)
                # What is due is due when the counted days are as many as the term, and on no day before.
                if found.due is not None and days:
                    long = [*turns]
                    at_due = used_by_hand(long, calendar, found.due.day)
                    before = used_by_hand(long, calendar, found.due.day - timedelta(days=1))
                    spent, less = (sum(n for (_o, g), n in one.items() if g is None) for one in (at_due, before))
                    assert spent >= days > less or not calendar.is_working(found.due.day)
