"""Opening hours: the slots of a day in Beijing, and whether a time is made of slots that follow each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from shared.core.calendar import day_of, start_of
from shared.core.errors import Fault, InvalidError

Hours = Sequence[Mapping[str, Any]]
"""`{"weekday", "opens", "closes"}`: 1 is Monday, times as `09:00`, the end of a day as `24:00`."""
MINUTES_A_DAY = 24 * 60
DAYS_A_WEEK = 7


class Span(NamedTuple):
    """A time from a moment until another one, which does not belong to it."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: Span) -> bool:
        """Whether they have a moment in common."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def minute_of(text: str) -> int:
    """Of the day, from `09:30`."""
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def check_hours(hours: Hours, *, slot_minutes: int) -> None:
    """Each period holds a slot and overlaps no other; raises `InvalidError` with a pointer to each that does not."""
    faults = list[Fault]()
    for index, one in enumerate(hours):
        opens, closes, at = minute_of(one["opens"]), minute_of(one["closes"]), f"/hours/{index}/closes"
        if closes - opens < slot_minutes:
            zh = f"开放时间不足一个时段({slot_minutes} 分钟)"
            faults.append(Fault(at, zh, f"is shorter than one slot of {slot_minutes} minutes"))
        same = [other for other in hours[:index] if other["weekday"] == one["weekday"]]
        if any(opens < minute_of(other["closes"]) and minute_of(other["opens"]) < closes for other in same):
            faults.append(
                Fault(f"/hours/{index}/opens", "与同日的另一段开放时间重叠", "overlaps another one of that day")
            )
    if faults:
        raise InvalidError(
            "facility_hours",
            "开放时间有误。请按提示更正。",
            "Some opening hours cannot be. Correct those that are named.",
            faults,
        )


def slots_of(day: date, *, hours: Hours, slot_minutes: int, closed_days: Collection[str]) -> list[Span]:
    """The slots of a day in their order; what is left at the end of a period and holds none is no slot."""
    if day.isoformat() in closed_days:
        return []
    begin, length, found = start_of(day), timedelta(minutes=slot_minutes), list[Span]()
    for one in sorted(hours, key=lambda period: minute_of(period["opens"])):
        if one["weekday"] == day.isoweekday():
            for minute in range(minute_of(one["opens"]), minute_of(one["closes"]) - slot_minutes + 1, slot_minutes):
                starts_at = begin + timedelta(minutes=minute)
                found.append(Span(starts_at, starts_at + length))
    return found


def slots_within(span: Span, *, slots: Iterable[Span]) -> int:
    """Of how many slots that follow each other the time is made; 0 where it is made of none, or of parts."""
    inside = [one for one in slots if span.starts_at <= one.starts_at and one.ends_at <= span.ends_at]
    follow = all(one.ends_at == after.starts_at for one, after in pairwise(inside))
    ends = bool(inside) and inside[0].starts_at == span.starts_at and inside[-1].ends_at == span.ends_at
    return len(inside) if ends and follow else 0


def mondays(span: Span) -> list[date]:
    """The Mondays of the weeks that the time touches."""
    last = day_of(span.ends_at - timedelta(microseconds=1))
    monday, found = monday_of(day_of(span.starts_at)), list[date]()
    while monday <= last:
        found.append(monday)
        monday += timedelta(days=DAYS_A_WEEK)
    return found


def monday_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def week_from(monday: date) -> Span:
    """The whole week."""
    return Span(start_of(monday), start_of(monday + timedelta(days=DAYS_A_WEEK)))


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same times, those that touch each other as one."""
    found = list[Span]()
    for one in sorted(spans):
        if found and one.starts_at <= found[-1].ends_at:
            found[-1] = Span(found[-1].starts_at, max(found[-1].ends_at, one.ends_at))
        else:
            found.append(one)
    return found
