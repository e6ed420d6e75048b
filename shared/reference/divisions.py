"""Division codes of GB/T 2260, county level and above, with the years in which each name held: a read-only reference.

The histories are those of python-stdnum; `divisions.yaml` beside this file corrects them and brings them up to 2026.
Both are on this disk and are read at the first question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from stdnum import numdb

from shared.core.errors import InvalidError

CODE = re.compile(r"[1-9][0-9]{5}")
PERIOD = re.compile(r"(?:\[(?P<since>\d*)-(?P<until>\d*)\])?(?P<name>[^,\[\]]+)")
# Lines of the standard that only group districts or counties; no government stands behind them.
GROUPINGS = frozenset({"市辖区", "市", "县", "省直辖县级行政单位", "自治区直辖县级行政单位"})


@dataclass(frozen=True)
class Division:
    """One code while it had one name; years are inclusive, `None` is open or not recorded (as before 1980)."""

    code: str
    name_zh: str
    parent: str | None
    valid_from: int | None
    valid_to: int | None
    successors: tuple[str, ...] = ()

    @property
    def level(self) -> Literal["province", "prefecture", "county"]:
        if self.code.endswith("0000"):
            return "province"
        return "prefecture" if self.code.endswith("00") else "county"

    def ended_by(self, day: date) -> bool:
        """Histories know years only, so a code still counts in the year in which it ended."""
        return self.valid_to is not None and day.year > self.valid_to

    def held_on(self, day: date) -> bool:
        return not self.ended_by(day) and (self.valid_from is None or self.valid_from <= day.year)


def get(code: str, on: date | None = None) -> Division | None:
    """The division with this code on a day; without a day its latest form, also when it has ended."""
    periods = history(code)
    if on is not None:
        periods = tuple(period for period in periods if period.held_on(on))
    return periods[-1] if periods else None


@lru_cache(maxsize=8192)
def history(code: str) -> tuple[Division, ...]:
    """Every form a code has had, oldest first; empty when the standard never had it."""
    if not CODE.fullmatch(code):
        return ()
    rows = _corrections().get(code) or tuple(_packaged(code))
    return tuple(Division(code=code, parent=_parent(code), **row) for row in rows)


def codes() -> Iterator[str]:
    """Every code that there is or was, in no order, each once."""
    # Each line of it: how many digits, from which to which, what they say, and the lines below.
    packaged = {f"{line[1]}{below[1]}" for line in numdb.get("cn/loc").prefixes for below in line[4]}
    yield from packaged | _corrections().keys()


def check_code(code: str, on: date | None = None) -> Division:
    """The division with this code; raises `InvalidError` for an unknown one and, given a day, one not valid then."""
    division = get(code)
    if division is None:
        raise InvalidError(
            "unknown_division",
            f"没有行政区划代码 {code}。请使用 GB/T 2260 的六位代码,例如 511600(广安市)。",
            f"There is no division code {code}. Use a six-digit code of GB/T 2260, such as 511600 (Guang'an).",
        )
    if on is None:
        return division
    held = get(code, on)
    if held is not None:
        return held
    name = division.name_zh
    if not division.ended_by(on):
        raise InvalidError(
            "division_not_yet",
            f"{on.year} 年尚无{name}({code})。请改用当年有效的代码或更晚的日期。",
            f"{name} ({code}) did not exist yet in {on.year}. Use a code of that year or a later date.",
        )
    heirs = [f"{heir.name_zh} ({heir.code})" for heir in map(get, division.successors) if heir]
    raise InvalidError(
        "division_ended",
        f"{name}({code})已于 {division.valid_to} 年撤销。请改用{'、'.join(heirs) or '现行代码'}。",
        f"{name} ({code}) ended in {division.valid_to}. Use {' or '.join(heirs) or 'a present code'}.",
    )


def check_entered(code: str, *, today: date, since: date | None = None) -> Division:
    """The division that is named today for what has been there `since`; raises `InvalidError` with its successors.

    A code that has ended is history: only what is itself older than the reform may still be entered under it.
    """
    division = check_code(code)
    older = get(code, since) if since is not None and since < today else None
    return older or check_code(division.code, today)


@lru_cache(maxsize=4096)
def merged_into(code: str) -> frozenset[str]:
    """Ended codes whose territory lies within this division today, in whole or in part, after however many reforms."""
    heirs = {old: set(rows[-1]["successors"]) for old, rows in _corrections().items() if rows[-1]["valid_to"]}
    here = {one for new in heirs.values() for one in new if is_within(one, code)}
    found: set[str] = set()
    while more := {old for old, new in heirs.items() if new & (here | found)} - found:
        found |= more
    return frozenset(found)


def province_of(code: str) -> Division:
    """The province-level division that a code lies in, also of an ended code."""
    return check_code(check_code(code).code[:2] + "0000")


def is_within(code: str, ancestor: str) -> bool:
    """Whether a code is the ancestor or lies below it in the standard's own hierarchy; unknown codes lie nowhere."""
    if not history(ancestor):
        return False
    place = get(code)
    while place is not None and place.code != ancestor:
        place = get(place.parent) if place.parent else None
    return place is not None


def lies_in(code: str, areas: Iterable[str]) -> bool:
    """Whether a code is one of these or lies in one; an ended code lies also where its territory is today."""
    return any(is_within(code, area) or code in merged_into(area) for area in areas)


def _parent(code: str) -> str | None:
    """Counties whose prefecture line is missing or only a grouping belong to the province, as in a municipality."""
    if code.endswith("0000"):
        return None
    prefecture = code[:4] + "00"
    return prefecture if code != prefecture and history(prefecture) else code[:2] + "0000"


def _packaged(code: str) -> Iterator[dict[str, Any]]:
    parts = numdb.get("cn/loc").info(code)
    periods = parts[1][1].get("county", "") if len(parts) > 1 else ""
    for period in PERIOD.finditer(periods):
        if period["name"] not in GROUPINGS:
            since, until = (int(year) if year else None for year in (period["since"], period["until"]))
            yield {"name_zh": period["name"], "valid_from": since, "valid_to": until}


@lru_cache(maxsize=1)
def _corrections() -> dict[str, list[dict[str, Any]]]:
    text = files("shared.reference").joinpath("divisions.yaml").read_text(encoding="utf-8")
    corrections: dict[str, list[dict[str, Any]]] = {}
    for row in yaml.safe_load(text)["divisions"]:
        successors = tuple(row.pop("successors", ()))
        corrections.setdefault(row.pop("code"), []).append({**row, "successors": successors})
    return corrections
