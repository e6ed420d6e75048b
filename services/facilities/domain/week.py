"""A week of one facility as people see it, and its use in a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from services.facilities.domain.facility import Facility, day_slots
from services.facilities.domain.hours import DAYS_A_WEEK, Span

FREE, TAKEN, PAST, LATER = SLOT_STATES = ("free", "taken", "past", "later")
"""Of a slot; `later` is one that cannot be booked yet."""
MONTHS = 12


def days_of(facility: Facility, monday: date, *, taken: Sequence[Span], now: datetime) -> list[dict[str, Any]]:
    """The days of a week with their slots."""
    until = now + timedelta(days=facility["days_ahead"])

    def state(slot: Span) -> str:
        if slot.starts_at <= now:
            return PAST
        return TAKEN if any(slot.overlaps(one) for one in taken) else FREE if slot.starts_at <= until else LATER

    return [
        {
            "day": day,
            "slots": [
                {"starts_at": slot.starts_at, "ends_at": slot.ends_at, "state": state(slot)}
                for slot in day_slots(facility, day)
            ],
        }
        for day in (monday + timedelta(days=number) for number in range(DAYS_A_WEEK))
    ]


class Use(NamedTuple):
    """Bookings of one month in one state: how many, of how many hours, at which price together."""

    month: int
    state: str
    bookings: int
    hours: Decimal
    amount: Decimal


def report(uses: Iterable[Use]) -> Mapping[str, Any]:
    """The whole year, and each of its months."""
    found = list(uses)
    months = [{"month": f"{number:02}", **_sums(one for one in found if one.month == number)}
              for number in range(1, MONTHS + 1)]  # fmt: skip
    return {**_sums(found), "months": months}


def _sums(uses: Iterable[Use]) -> dict[str, Any]:
    found = list(uses)

    def number(*states: str) -> int:
        return sum(one.bookings for one in found if not states or one.state in states)

    used = [one for one in found if one.state == "used"]
    return {
        "bookings": number(),
        "used": number("used"),
        "no_shows": number("no_show"),
        "cancelled": number("cancelled"),
        "refused": number("refused"),
        "used_hours": sum((one.hours for one in used), Decimal(0)),
        "amount": sum((one.amount for one in used), Decimal(0)),
    }
