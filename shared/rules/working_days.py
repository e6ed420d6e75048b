"""Working days: which days those are, and the last day of a term that is counted in days.

Sources: 行政许可法(2019 修正) art. 82 (working days, public holidays not counted); 民法典 art. 201 (the day on which a
term begins is not counted), art. 203 (a last day that is no working day moves to the next one; a day ends at 24:00).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from shared.core.calendar import LAST_DAY, day_of

Unit = Literal["working", "calendar"]
UNITS: tuple[Unit, ...] = ("working", "calendar")
ONE = timedelta(days=1)
WEEKEND = 5
"""Saturday and Sunday are this and the next weekday."""
LONGEST = 3_660
"""Days that are looked at for the end of a term: whoever stands still longer has no last day yet."""


@dataclass(frozen=True)
class Year:
    """Days of one year that are not as their weekday says; `is_published` once a notice has set them.

    `days` says of each whether it is a working day, `names` what it is called.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    is_published: bool = False
    names: Mapping[date, str] = field(default_factory=dict)
    notice: str | None = None


@dataclass(frozen=True)
class WorkingDays:
    """Which days are working days; a year that is not known goes by its weekdays, and is not published."""

    years: Mapping[int, Year] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Whether offices work on this day."""
        special = self.years[day.year].days.get(day) if day.year in self.years else None
        return day.weekday() < WEEKEND if special is None else special

    def is_published(self, year: int) -> bool:
        """Whether the days of this year are set, and no guess."""
        return year in self.years and self.years[year].is_published

    def with_years(self, years: Mapping[int, Year]) -> WorkingDays:
        """The same with these days set otherwise; a year that is published in either is published."""
        merged = dict(self.years)
        for number, over in years.items():
            under = merged.get(number, Year())
            merged[number] = Year(
                {**under.days, **over.days},
                under.is_published or over.is_published,
                {**under.names, **over.names},
                over.notice or under.notice,
            )
        return WorkingDays(merged)

    def first_from(self, day: date) -> date:
        """The day itself, or the first working day after it."""
        while not self.is_working(day):
            day += ONE
        return day


class Turn(NamedTuple):
    """From this moment on the days are `owner`'s; they count towards the term unless it stands still on a `ground`.

    No owner: nobody's days, as before the first turn and after the end.
    """

    since: datetime
    owner: str | None
    ground: str | None = None


class Due(NamedTuple):
    """The last day of a term, which ends with it at 24:00; provisional while a year it touches is not published."""

    day: date
    is_provisional: bool


class Reckoning(NamedTuple):
    """`used` are the days up to and with `until` by owner and ground (None: counted); they sum to all that passed.

    `due` is None while the term stands still, has not begun or is over; `left` are the days that remain then.
    `by_turn` are the same days by the turn that they were used in, in the order of the turns.
    """

    used: Mapping[tuple[str, str | None], int]
    left: int
    due: Due | None
    by_turn: Sequence[int] = ()


@dataclass(frozen=True)
class Term:
    """So many days, of those on which offices work or of all."""

    days: int
    unit: Unit = "working"

    def reckon(self, turns: Sequence[Turn], *, calendar: WorkingDays, until: date) -> Reckoning:
        """What of the term is used by whom, and its last day, from the turns alone: nothing is kept or added up.

        A day is of whoever had the turn when it began, in Beijing. So the day on which a term begins is not counted
        (民法典 art. 201), the first day of a pause is, and each day is counted once, whatever happens in it.
        """
        used: dict[tuple[str, str | None], int] = {}
        by_turn = [0] * len(turns)
        spent = 0
        due: Due | None = None
        for day, place in _days(turns, until=until):
            turn = turns[place]
            if turn.owner is None or not self._counts(day, calendar):
                continue
            if day <= until:
                key = turn.owner, turn.ground
                used[key] = used.get(key, 0) + 1
                by_turn[place] += 1
            if turn.ground is None and due is None:
                spent += 1
                if spent == self.days:
                    last = calendar.first_from(day)
                    years = range(day_of(turns[0].since).year, last.year + 1)
                    due = Due(last, not all(calendar.is_published(year) for year in years))
            if due is not None and day >= until:
                break
        counted = sum(number for (_owner, ground), number in used.items() if ground is None)
        return Reckoning(used, max(0, self.days - counted), due, by_turn)

    def _counts(self, day: date, calendar: WorkingDays) -> bool:
        return self.unit == "calendar" or calendar.is_working(day)


def _days(turns: Sequence[Turn], *, until: date) -> Iterator[tuple[date, int]]:
    """Each day after the first turn with the place of its turn; on after `until`, as things are, while it runs."""
    if not turns:
        return
    for place, (one, following) in enumerate(pairwise(turns)):
        day = day_of(one.since) + ONE
        while day <= day_of(following.since):
            yield day, place
            day += ONE
    last = turns[-1]
    day, is_running = day_of(last.since) + ONE, last.owner is not None and last.ground is None
    end = min(LAST_DAY, (max(day, until) + timedelta(days=LONGEST)) if is_running else until)
    while day <= end:
        yield day, len(turns) - 1
        day += ONE
