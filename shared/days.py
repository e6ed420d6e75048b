"""Days as officials mean them: by the clock in Beijing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

# No daylight saving since 1992, so a fixed offset does, and a machine without time zone files can run it.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The day in Beijing at this moment."""
    return moment.astimezone(BEIJING).date()


def start_of(day: date) -> datetime:
    """The moment at which this day begins in Beijing."""
    return datetime.combine(day, time.min, BEIJING)


def end_of(day: date) -> datetime:
    """The moment at which this day is over in Beijing."""
    return start_of(day + timedelta(days=1))
