"""A week of one facility as a table: times down, days across, each slot with where a booking of it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from services.console.kit.dates import today
from shared.core.calendar import BEIJING, given_day, read_moment

CLOCK = "%Y-%m-%d %H:%M"
"""As a form takes a moment by the clock in Beijing."""
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Slot:
    """A time that can be booked as a whole; `book` is where that begins, '' where it cannot be."""

    starts_at: datetime
    ends_at: datetime
    state: str
    book: str

    @property
    def times(self) -> str:
        """From when to when."""
        until = f"{self.ends_at:%H:%M}"
        return f"{self.starts_at:%H:%M}–{'24:00' if until == '00:00' else until}"


@dataclass(frozen=True)
class Day:
    """A day and its slots."""

    day: date
    slots: Sequence[Slot]

    @property
    def is_today(self) -> bool:
        return self.day == today()

    def at(self, times: str) -> Slot | None:
        """The slot of these times."""
        return next((one for one in self.slots if one.times == times), None)


@dataclass(frozen=True)
class Week:
    """What the API says of a week; `facility` is how the form of a booking names it, '' for who may not book."""

    document: Mapping[str, Any]
    facility: str

    @property
    def days(self) -> list[Day]:
        """From Monday."""
        return [
            Day(given_day(one["day"]), [self._slot(slot) for slot in one["slots"]]) for one in self.document["days"]
        ]

    def _slot(self, slot: Mapping[str, Any]) -> Slot:
        starts, ends = (read_moment(slot[name]).astimezone(BEIJING) for name in ("starts_at", "ends_at"))
        given = {"facility": self.facility, "starts_at": f"{starts:{CLOCK}}", "ends_at": f"{ends:{CLOCK}}"}
        can_book = self.facility and self.document["can_book"] and slot["state"] in ("free", "taken")
        # A time that is taken can be waited for.
        waits = {"waits": "true"} if slot["state"] == "taken" else {}
        book = f"/console/bookings/new?{urlencode({**given, **waits})}" if can_book else ""
        return Slot(starts, ends, slot["state"], book)

    @property
    def times(self) -> list[str]:
        """Of all days, in their order."""
        return sorted({one.times for day in self.days for one in day.slots})

    @property
    def monday(self) -> date:
        return given_day(self.document["monday"])

    @property
    def sunday(self) -> date:
        return self.monday + WEEK - timedelta(days=1)
