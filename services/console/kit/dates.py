"""Days of one's work: the next ones with what is due, and months as grids."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.console.calling.visits import Visitor
from services.console.kit.work import Wait, waits
from shared.core.calendar import day_of, read_moment
from shared.http.requests.gate import database
from shared.pages.languages import t

AHEAD = 14
"""Days that the workbench shows."""
WEEK = 7
MOST = 100
"""Things with a date that a calendar shows, the first to be due first."""


@dataclass(frozen=True)
class Due:
    """A day, and what is due on it."""

    day: date
    is_today: bool = False
    waits: Sequence[Wait] = field(default=())

    @property
    def is_weekend(self) -> bool:
        """Saturday or Sunday; whether people work on it says the calendar of working days."""
        return self.day.weekday() > 4

    @property
    def weekday(self) -> str:
        """As a calendar heads its columns."""
        return weekdays()[self.day.weekday()]


def weekdays() -> list[str]:
    """From Monday."""
    return list("一二三四五六日") if t("zh", "en") == "zh" else ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]


def today() -> date:
    """In Beijing."""
    return day_of(database().clock.now())


def last_day(wait: Wait) -> date | None:
    """The last day on which it is in time."""
    return day_of(read_moment(wait.row["due"]) - timedelta(seconds=1)) if wait.row["due"] else None


def days_of(first: date, count: int, *, found: Iterable[Wait]) -> list[Due]:
    """So many days with what is due on each."""
    here = today()
    by_day: dict[date, list[Wait]] = {}
    for one in found:
        last = last_day(one)
        if last is not None:
            by_day.setdefault(last, []).append(one)
    every = (first + timedelta(days=number) for number in range(count))
    return [Due(day, day == here, by_day.get(day, ())) for day in every]


def days_ahead(found: Iterable[Wait]) -> list[Due]:
    """Today and the days after it."""
    return days_of(today(), AHEAD, found=found)


@dataclass(frozen=True)
class Month:
    """A month, and what is due in it."""

    first: date
    waits: Sequence[Wait] = ()

    def weeks(self) -> list[list[Due]]:
        """From the Monday of its first week to the Sunday of its last."""
        start = self.first - timedelta(days=self.first.weekday())
        count = -(-((self.first - start).days + monthrange(self.first.year, self.first.month)[1]) // WEEK)
        days = days_of(start, count * WEEK, found=self.waits)
        return [days[number : number + WEEK] for number in range(0, len(days), WEEK)]

    def has(self, day: date) -> bool:
        """Whether the day is one of the month itself."""
        return (day.year, day.month) == (self.first.year, self.first.month)

    def due(self) -> list[Due]:
        """Its days on which something is due."""
        return [one for week in self.weeks() for one in week if one.waits and self.has(one.day)]


def all_due(who: Visitor) -> tuple[list[Wait], bool]:
    """What waits for the reader, the first to be due first; and whether that is all of it."""
    found, total = waits(who, whose="me", limit=MOST)
    return found, total is None or total <= len(found)
