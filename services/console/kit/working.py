"""Months as small grids: which days are off, which weekends are worked, and which days of a term count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from services.console.kit.dates import WEEK, weekdays
from services.console.kit.times import long_day
from shared.core.calendar import read_day
from shared.pages.languages import t

WEEKEND = 5
MOST_MONTHS = 12
"""So many months of a term are drawn whole; of a longer one its first and last."""
ENDS = 3
"""So many are drawn at each end then."""
HOLIDAYS = {
    "元旦": "New Year", "春节": "Spring Festival", "清明节": "Qingming", "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival", "中秋节": "Mid-Autumn Festival", "国庆节": "National Day",
}  # fmt: skip
"""Those of the whole country; other days have the name that they were given."""


@dataclass(frozen=True)
class Marked:
    """A day on such a grid."""

    day: date
    special: Mapping[str, Any] | None = None
    """What a calendar says of it, where it is not as its weekday says."""
    term: str = ""
    """Of a drawn term: its `begin`, a day that is `counted`, or its `last`."""

    @property
    def is_working(self) -> bool:
        return self.day.weekday() < WEEKEND if self.special is None else bool(self.special["is_working"])

    @property
    def name(self) -> str:
        """What the day is called; '' where it is like any other."""
        if self.special is None:
            return ""
        name = self.special["name_zh"]
        if name:
            return holiday(name)
        return t("调休", "work instead of another day") if self.is_working else t("放假", "day off")

    @property
    def weekday(self) -> str:
        return t(f"星期{'一二三四五六日'[self.day.weekday()]}", f"{self.day:%A}")

    @property
    def look(self) -> str:
        """Its classes."""
        kind = "weekend" if self.day.weekday() >= WEEKEND else ""
        if self.special is not None:
            kind = "worked" if self.is_working else "free"
        return f"{kind} {self.term}".strip()

    @property
    def mark(self) -> str:
        """As calendars print it into the corner."""
        return "" if self.special is None else t("班", "on") if self.is_working else t("休", "off")

    @property
    def said(self) -> str:
        """The whole of it in words; '' where the day is like any other."""
        works = t("上班", "offices work") if self.is_working else t("放假", "day off")
        parts = [] if self.special is None else list(dict.fromkeys((self.name, works)))
        told = {"begin": t("起算日,不计入", "begins on this day, not counted"), "counted": t("计入", "counted"),
                "last": t("届满日", "last day")}  # fmt: skip
        return t(",", ", ").join([*parts, *([told[self.term]] if self.term else [])])

    @property
    def title(self) -> str:
        """What a pointer that rests on it is told."""
        return f"{long_day(self.day)}{t(':', ': ')}{self.said}" if self.said else ""


@dataclass(frozen=True)
class SmallMonth:
    """One month: weeks from Monday, None for days of another month."""

    first: date
    weeks: Sequence[Sequence[Marked | None]]


@dataclass(frozen=True)
class Span:
    """Days from one to another of which some are special, and the term that is drawn into them, if there is one."""

    first: date
    last: date
    special: Mapping[date, Mapping[str, Any]]
    term: Mapping[str, Any] = field(default_factory=dict)

    @property
    def weekdays(self) -> Sequence[str]:
        return weekdays()

    @property
    def firsts(self) -> list[date]:
        """The first day of each month."""
        found, day = [], self.first.replace(day=1)
        while day <= self.last:
            found.append(day)
            day = (day + timedelta(days=31)).replace(day=1)
        return found

    @property
    def left_out(self) -> int:
        """How many months in the middle are not drawn."""
        return len(self.firsts) - 2 * ENDS if len(self.firsts) > MOST_MONTHS else 0

    def months(self) -> list[SmallMonth]:
        """Those that are drawn."""
        drawn = [*self.firsts[:ENDS], *self.firsts[-ENDS:]] if self.left_out else self.firsts
        return [SmallMonth(first, list(self._weeks(first))) for first in drawn]

    def _weeks(self, first: date) -> Iterable[Sequence[Marked | None]]:
        day = first - timedelta(days=first.weekday())
        while day <= first or day.month == first.month:
            week = [day + timedelta(days=number) for number in range(WEEK)]
            yield [self.marked(one) if one.month == first.month else None for one in week]
            day += timedelta(days=WEEK)

    def on_the_way(self) -> list[Marked]:
        """The special days, in order."""
        return [Marked(day, one) for day, one in sorted(self.special.items())]

    def marked(self, day: date) -> Marked:
        """One day."""
        plain = Marked(day, self.special.get(day))
        if not self.term or not self.first <= day <= self.last:
            return plain
        if day in (self.first, self.last):
            return Marked(day, plain.special, "begin" if day == self.first else "last")
        is_counted = plain.is_working or self.term["unit"] == "calendar"
        return Marked(day, plain.special, "counted" if is_counted else "")


def by_day(special: Iterable[Mapping[str, Any]]) -> dict[date, Mapping[str, Any]]:
    """Special days, as the API lists them."""
    return {read_day(one["day"]): one for one in special}


def whole_year(year: int, special: Iterable[Mapping[str, Any]]) -> Span:
    """All of its days."""
    return Span(date(year, 1, 1), date(year, 12, 31), by_day(special))


def holiday(name: str) -> str:
    """What a day is called, in English where it is one of the whole country's."""
    root = name.removesuffix("调休")
    instead = "" if root == name else "work instead of "
    return t(name, f"{instead}{HOLIDAYS[root]}" if root in HOLIDAYS else name)
