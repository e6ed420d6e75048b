"""Days as officials mean them, by the clock in Beijing; which of them anybody may give, and how they are read."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone

# No daylight saving since 1992, so a fixed offset does, and a machine without time zone files can run it.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")

FIRST_YEAR, LAST_YEAR = 1900, 2200
FIRST_DAY, LAST_DAY = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
"""What anybody may give. Whole years, notices and zones added to these stay far from where calendars end."""
NO_END = frozenset({
    "长期", "长期有效", "永久", "永久有效", "永续", "无期限", "无限期", "无固定期限", "无固定期", "无终止日", "不限",
    "9999-12-31", "9999/12/31", "9999.12.31", "9999年12月31日", "99991231",
    "long-term", "permanent", "indefinite", "no end",
})  # fmt: skip
"""How papers and databases write that something has no end."""
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WRITTEN_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
MOMENT = re.compile(
    rf"{DAY.pattern}[Tt ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{{2}}:[0-9]{{2}})"
)


class OutOfBoundsError(ValueError):
    """A day or a moment that exists, but that nobody can mean."""


def day_of(moment: datetime) -> date:
    """The day in Beijing at this moment."""
    return moment.astimezone(BEIJING).date()


def start_of(day: date) -> datetime:
    """The moment at which this day begins in Beijing."""
    return datetime.combine(day, time.min, BEIJING)


def end_of(day: date) -> datetime:
    """The moment at which this day is over in Beijing."""
    return start_of(day + timedelta(days=1))


def says_no_end(given: str) -> bool:
    """Whether a text is one of the usual ways to write "no end", also at the last instant of the calendar."""
    text = unicodedata.normalize("NFKC", given).strip().casefold()
    return text in NO_END or (MOMENT.fullmatch(text) is not None and text.startswith("9999-12-31"))


def given_day(text: str) -> date:
    """The day `YYYY-MM-DD`, and no other form of ISO 8601; raises ValueError, `OutOfBoundsError` beyond the bound."""
    if not DAY.fullmatch(text):
        raise ValueError(text)
    return bounded(date.fromisoformat(text))


def day_as_written(text: str) -> str | None:
    """`YYYY-MM-DD` of a day as people write it in plain width, as 2027年1月1日 or 2027/1/1; None for anything else."""
    found = WRITTEN_DAY.fullmatch(re.sub(" *([年月日]) *", r"\1", text.strip()))
    return None if found is None else f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"


def bounded(day: date) -> date:
    """The same day; raises `OutOfBoundsError` where it is not one that anybody may give."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise OutOfBoundsError(day.isoformat())
    return day


def given_moment(text: str) -> datetime:
    """The moment in UTC, RFC 3339 with a zone; raises ValueError, `OutOfBoundsError` beyond the bound."""
    if not MOMENT.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text.upper())
    # By the year as it is written: not every first or last moment of a calendar has one in another zone.
    bounded(moment.date())
    return moment.astimezone(UTC)


def read_day(text: str) -> date:
    """A day that is kept or was received; raises ValueError where the day before or after does not exist."""
    return _with_neighbours(date.fromisoformat(text))


def read_moment(text: str) -> datetime:
    """A moment that is kept or was received; raises ValueError without a zone, or where a zone has none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without zone: {text}")
    _with_neighbours(moment.date())
    return moment


def moment_of(seconds: float) -> datetime:
    """The moment so many seconds after 1970, as tokens write it; raises ValueError for what is none."""
    try:
        return read_moment(datetime.fromtimestamp(float(seconds), UTC).isoformat())
    except (OverflowError, OSError) as error:
        raise ValueError(f"no moment: {seconds}") from error


def _with_neighbours(day: date) -> date:
    if not date.min.year < day.year < date.max.year:
        raise OutOfBoundsError(day.isoformat())
    return day
