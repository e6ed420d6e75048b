"""The calendar: what is due, month by month, as a grid and as a list."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.dates import Month, all_due, today, weekdays
from services.console.pages.frame import opens, render
from shared.core.calendar import FIRST_DAY, LAST_DAY, given_day


@opens("/console/calendar")
def show_calendar(who: Visitor) -> Any:
    """One month, this one unless the address says which: `month=2026-12`."""
    try:
        first = given_day(f"{request.args.get('month', '')}-01")
    except ValueError:
        first = today().replace(day=1)
    waits, is_whole = all_due(who)
    month = Month(first, waits)
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    return render(
        who,
        "calendar.html",
        month=month,
        weekdays=weekdays(),
        before=_address(before),
        after=_address(after),
        undated=[one for one in waits if not one.row["due"]],
        is_whole=is_whole,
    )


def _address(day: date) -> str:
    return f"/console/calendar?month={min(max(day, FIRST_DAY), LAST_DAY):%Y-%m}"
