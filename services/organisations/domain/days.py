"""Days by the clock in Beijing: on which a qualification ends."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

# No daylight saving since 1992, so a fixed offset does, and a machine without time zone files can run it.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The day in Beijing at this moment."""
    return moment.astimezone(BEIJING).date()


def end_of(day: date) -> datetime:
    """The moment at which this day is over in Beijing."""
    return datetime.combine(day + timedelta(days=1), time.min, BEIJING)


def years_after(day: date, years: int) -> date:
    """The last day of a period of whole years that begins on `day`."""
    try:
        same = day.replace(year=day.year + years)
    except ValueError:
        same = date(day.year + years, 3, 1)
    return same - timedelta(days=1)
