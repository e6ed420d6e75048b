"""Opening hours, slots and prices, without any database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from services.facilities.domain.booking import BOOKING_LIFECYCLE, STATE_AFTER
from services.facilities.domain.facility import check_facility, may_book, price_of, slots_of_booking
from services.facilities.domain.hours import Span, check_hours, merged, mondays, slots_of
from services.facilities.domain.week import Use, days_of, report
from shared.core.calendar import BEIJING
from shared.core.errors import InvalidError

MONDAY = date(2026, 12, 7)


def period(weekday: int, opens: str, closes: str) -> dict[str, Any]:
    return {"weekday": weekday, "opens": opens, "closes": closes}


def facility(*hours: dict[str, Any], **changes: Any) -> dict[str, Any]:
    made = {
        "hours": hours, "closed_days": [], "slot_minutes": 60, "most_slots": 8, "days_ahead": 60, "capacity": 4,
        "hourly_price": "120.5", "open_to": ["tenants"], "only_for": [], "state": "open",
    }  # fmt: skip
    return {**made, **changes}


def moment(text: str, day: date = MONDAY) -> datetime:
    hour, minute = map(int, text.split(":"))
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING) + timedelta(hours=hour, minutes=minute)


def span(starts: str, ends: str, *, days: int = 0) -> Span:
    return Span(moment(starts), moment(ends, MONDAY + timedelta(days=days)))


LUNCH = facility(period(1, "09:00", "12:00"), period(1, "14:00", "17:30"))
ALWAYS = facility(*(period(day, "00:00", "24:00") for day in range(1, 8)), most_slots=72)


def test_slots_fill_each_period_and_what_is_left_is_none() -> None:
    found = slots_of(MONDAY, hours=LUNCH["hours"], slot_minutes=60, closed_days=[])
    assert [f"{one.starts_at:%H:%M}" for one in found] == ["09:00", "10:00", "11:00", "14:00", "15:00", "16:00"]
    assert slots_of(MONDAY + timedelta(days=1), hours=LUNCH["hours"], slot_minutes=60, closed_days=[]) == []
    assert slots_of(MONDAY, hours=LUNCH["hours"], slot_minutes=60, closed_days=["2026-12-07"]) == []


@pytest.mark.parametrize(
    ("known", "asked", "slots"),
    [
        (LUNCH, span("09:00", "12:00"), 3),
        (LUNCH, span("09:30", "10:30"), 0),
        (LUNCH, span("11:00", "15:00"), 0),
        (LUNCH, span("16:00", "17:30"), 0),
        (LUNCH, span("12:00", "14:00"), 0),
        (ALWAYS, span("22:00", "04:00", days=1), 6),
        (ALWAYS, span("00:00", "24:00"), 24),
        (ALWAYS, span("10:00", "10:00", days=2), 48),
        (ALWAYS, span("10:00", "10:00"), 0),
        (ALWAYS, span("10:00", "10:00", days=20), 0),
    ],
)
def test_a_booking_is_made_of_whole_slots_that_follow_each_other(
    known: dict[str, Any], asked: Span, slots: int
) -> None:
    assert slots_of_booking(known, asked) == slots


@pytest.mark.parametrize(
    ("hours", "pointers"),
    [
        ([period(1, "09:00", "12:00"), period(1, "11:00", "13:00")], ["/hours/1/opens"]),
        ([period(1, "09:00", "09:30")], ["/hours/0/closes"]),
        ([period(1, "12:00", "09:00")], ["/hours/0/closes"]),
    ],
)
def test_hours_that_cannot_be_are_named(hours: list[dict[str, Any]], pointers: list[str]) -> None:
    with pytest.raises(InvalidError) as caught:
        check_hours(hours, slot_minutes=60)
    assert [one.pointer for one in caught.value.faults] == pointers


def test_periods_of_several_days_and_those_that_meet_are_fine() -> None:
    check_hours(
        [period(1, "09:00", "12:00"), period(1, "12:00", "13:00"), period(2, "09:00", "12:00")], slot_minutes=60
    )


def test_a_booking_takes_fourteen_days_at_most() -> None:
    check_facility({"slot_minutes": 1440, "most_slots": 14})
    with pytest.raises(InvalidError):
        check_facility({"slot_minutes": 1440, "most_slots": 15})


def test_the_price_is_by_the_hour_and_none_where_it_is_free() -> None:
    assert price_of(LUNCH, span("09:00", "10:30")) == Decimal("180.75")
    assert price_of(facility(hourly_price=None), span("09:00", "10:30")) is None


def test_a_facility_is_for_whom_it_names() -> None:
    here = uuid4()
    assert may_book(LUNCH, tenant=here, for_organisation=False)
    assert not may_book(LUNCH, tenant=here, for_organisation=True)
    assert not may_book(facility(only_for=[str(uuid4())]), tenant=here, for_organisation=False)
    assert may_book(facility(only_for=[str(here)]), tenant=here, for_organisation=False)


def test_weeks_are_those_a_time_touches_and_times_that_meet_are_one() -> None:
    sunday = Span(moment("23:00", MONDAY - timedelta(days=1)), moment("01:00"))
    assert mondays(sunday) == [MONDAY - timedelta(days=7), MONDAY]
    assert mondays(Span(sunday.starts_at, moment("00:00"))) == [MONDAY - timedelta(days=7)]
    apart = span("14:00", "15:00")
    assert merged([span("10:00", "11:00"), apart, span("09:00", "10:00")]) == [span("09:00", "11:00"), apart]


def test_a_week_says_what_is_free_taken_past_and_not_yet_open() -> None:
    known = facility(*LUNCH["hours"], period(3, "09:00", "10:00"), days_ahead=1)
    days = days_of(known, MONDAY, taken=[span("10:30", "11:30")], now=moment("09:30"))
    assert [one["state"] for one in days[0]["slots"]] == ["past", "taken", "taken", "free", "free", "free"]
    assert [one["state"] for one in days[2]["slots"]] == ["later"]
    assert len(days) == 7


def test_a_report_sums_up_what_was_used_and_counts_the_rest() -> None:
    uses = [Use(1, "used", 2, Decimal("3.5"), Decimal(300)), Use(1, "no_show", 1, Decimal(0), Decimal(100)),
            Use(12, "used", 1, Decimal(1), Decimal(50))]  # fmt: skip
    found = report(uses)
    assert (found["bookings"], found["used"], found["no_shows"]) == (4, 3, 1)
    assert (found["used_hours"], found["amount"]) == (Decimal("4.5"), Decimal(350))
    assert [one["bookings"] for one in found["months"]] == [3, *[0] * 10, 1]


def test_every_event_leads_to_a_state_that_there_is() -> None:
    assert set(STATE_AFTER.values()) == set(BOOKING_LIFECYCLE.states)
