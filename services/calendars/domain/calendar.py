"""The calendar of a year: its lifecycle, and which days it may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.core.errors import Fault, InvalidError
from shared.rules.acts import Act
from shared.rules.lifecycle import Lifecycle, Step

MANAGE = "calendars:manage"
CALENDAR_LIFECYCLE = Lifecycle(
    "calendar",
    "draft",
    (
        Step("revise", ("draft",), "draft"),
        Step("revise", ("published",), "published"),
        Step("publish", ("draft",), "published"),
    ),
    words="services.calendars",
)
DRAFTED = Act("calendars.calendar.drafted", "起草工作日历", "Calendar of working days drafted")
IMPORTED = Act("calendars.calendar.imported", "导入工作日历", "Calendar of working days imported")
LONGEST_NAME = 40
MOST_DAYS = 130
"""Of one year that are not as their weekday says: every weekday of half a year."""


def check_days(days: Sequence[Mapping[str, Any]], *, year: int) -> None:
    """Each lies in the year and stands there once; raises `InvalidError` with a pointer to each that does not."""
    faults, seen = list[Fault](), set[Any]()
    for index, item in enumerate(days):
        day, at = item["day"], f"/days/{index}/day"
        if day.year != year:
            zh, en = f"{day} 不在 {year} 年。请更正日期。", f"{day} is not in {year}. Correct the date."
            faults.append(Fault(at, zh, en))
        if day in seen:
            zh, en = f"{day} 重复出现。请删除其中一行。", f"{day} stands there twice. Remove one of the lines."
            faults.append(Fault(at, zh, en))
        seen.add(day)
    if faults:
        raise InvalidError(
            "calendar_days",
            "有日期不属于该年或重复。请按提示更正。",
            "Some days are not of this year, or stand there twice. Correct those that are named.",
            faults,
        )
