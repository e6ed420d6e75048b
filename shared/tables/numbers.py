"""Numbers of a workbook as they read: a number as it is shown, a day as a day, and what cannot be told as a fault."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from shared.tables.rows import Mark

DAYS = frozenset(f"id {number}" for number in (14, 15, 22, 30, 31))
"""Formats that have no code in the file and show year, month and day, where the language is Chinese."""
TIMES = frozenset(f"id {number}" for number in (*range(16, 22), *range(27, 37), *range(45, 48), *range(50, 59))) - DAYS
PLAIN = frozenset([*(f"id {number}" for number in (0, 1, 3, 37, 38, 49)), "General", "GENERAL", "@", ""])
QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|AM/PM|A/P|General', re.IGNORECASE)
PADDED = re.compile(r"0{2,15}")
WHOLE = re.compile(r"#?,?#*0?")
FIRST_1900, FIRST_1904 = date(1899, 12, 30), date(1904, 1, 1)
LAST = 2_958_465
"""The serial number of 9999-12-31."""
MOST_DIGITS = 15
"""Digits of a number that spreadsheets keep; they write zeros for those that follow."""


def number_text(raw: str, shown: str, *, since_1904: bool) -> tuple[str, Mark]:
    """A number as the file writes it, with its format; one that was cut reads as none that fits."""
    try:
        value = float(raw)
    except ValueError:
        return raw, "shown"
    kind = _kind(shown)
    if kind in ("day", "time"):
        return _day(value, since_1904=since_1904) if kind == "day" else (_plain(value), "no_day")
    if not abs(value) < 10**MOST_DIGITS:
        return f"{value:.14E}", "cut"
    if kind == "plain":
        return _plain(value), "number"
    if kind.startswith("0") and value >= 0 and value.is_integer():
        return str(int(value)).zfill(len(kind)), "number"
    return _plain(value), "shown"


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 10**MOST_DIGITS else format(value, ".15g")


def _day(value: float, *, since_1904: bool) -> tuple[str, Mark]:
    """The time of the day is left away; 1900 had no 29 February, but spreadsheets count one."""
    if not 1 <= value < LAST + 1:
        return _plain(value), "no_day"
    serial = int(value)
    if since_1904:
        return _iso(FIRST_1904, serial)
    if serial == 60:
        return _plain(value), "no_day"
    return _iso(FIRST_1900, serial if serial > 60 else serial + 1)


def _iso(first: date, serial: int) -> tuple[str, Mark]:
    try:
        return (first + timedelta(days=serial)).isoformat(), "day"
    except OverflowError:
        return str(serial), "no_day"


@lru_cache(maxsize=4096)
def _kind(shown: str) -> str:
    """`plain`, `day`, `time`, the zeros of a fixed width, or `other`."""
    if shown in PLAIN:
        return "plain"
    if shown in DAYS or shown in TIMES:
        return "day" if shown in DAYS else "time"
    if shown.startswith("id "):
        return "other"
    first = shown.partition(";")[0]
    letters = QUOTED.sub("", first).strip()
    if re.search("[ymdhse]", letters, re.IGNORECASE) and not re.search("[0#?]", letters.replace(".0", "")):
        names_a_day = re.search("[ye]", letters, re.IGNORECASE) and re.search("d", letters, re.IGNORECASE)
        return "day" if names_a_day else "time"
    if PADDED.fullmatch(first):
        return first
    # Literal text beside the digits is shown, but is not in the value.
    shows_more = '"' in first or "\\" in first or "%" in first
    return "plain" if not shows_more and WHOLE.fullmatch(letters) else "other"
