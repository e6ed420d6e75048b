"""Lists: filters on the list and in the address, what is counted, which columns, and where the next page begins."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from services.console.calling.description import Operation
from services.console.calling.shapes import Shape
from services.console.kit.areas import Area
from services.console.kit.choices import offering, with_choices
from services.console.kit.values import Values
from shared.pages.asking import Api
from shared.pages.languages import t

SIZES = (20, 50, 100)
MOST_BACK = 30
"""So many pages back are remembered in the address; beyond them there is the first page."""
AT, SIZE, SORT = "at", "limit", "sort"


class Chip(NamedTuple):
    """One filter that is set: how it reads, and the address of the list without it."""

    text: str
    url: str


@dataclass(frozen=True)
class Asked:
    """What the address of a list says."""

    area: Area
    arguments: Mapping[str, Sequence[str]]
    path: str
    """The address of the page itself."""

    @cached_property
    def filters(self) -> dict[str, str]:
        """By name, as far as the API knows them."""
        known = {one.name for one in self.area.listing.filters}
        return {name: given[-1] for name, given in self.arguments.items() if name in known and given[-1].strip()}

    @cached_property
    def shapes(self) -> list[Shape]:
        """What the list may be narrowed by."""
        return [offering(self.area, one) for one in self.area.listing.filters]

    @property
    def sort(self) -> str:
        """What it is sorted by; '' as the API has it."""
        given = self.arguments.get(SORT, [""])[-1]
        return given if given in self.area.listing.sorts else ""

    @property
    def size(self) -> int:
        given = self.arguments.get(SIZE, [""])[-1]
        return int(given) if given in map(str, SIZES) else SIZES[0]

    @property
    def trail(self) -> list[str]:
        """Where each page up to this one began, the first left out."""
        return [one for one in self.arguments.get(AT, ()) if one][-MOST_BACK:]

    def url(self, *, at: Sequence[str] = (), **changes: str | None) -> str:
        """The address with other filters; it begins at its first page unless `at` says where."""
        kept: dict[str, Any] = {**self.filters, SORT: self.sort, SIZE: "" if self.size == SIZES[0] else self.size}
        kept |= changes
        asked = [(name, value) for name, value in kept.items() if value] + [(AT, one) for one in at]
        return f"{self.path}{'&' if '?' in self.path else '?'}{urlencode(asked)}" if asked else self.path

    def without(self, name: str) -> str:
        """The list without this filter."""
        return self.url(at=(), **dict.fromkeys([name]))

    def query(self) -> str:
        """What a saved view keeps: filters and order, no page."""
        return self.url().partition("?")[2]


@dataclass(frozen=True)
class Listed:
    """One page of a list as it is shown."""

    asked: Asked
    items: Sequence[Mapping[str, Any]]
    values: Values
    following: str | None
    total: int | None
    about: bool
    seconds: float
    columns: Sequence[Shape] = ()
    more: Sequence[Shape] = field(default=())
    """Columns that are not shown."""

    @property
    def area(self) -> Area:
        return self.asked.area

    def values_of(self, row: Mapping[str, Any]) -> Values:
        """What shows this row: an act of the audit log in the words of the service that did it."""
        return replace(self.values, service=str(row.get("act", "")).partition(".")[0])

    @property
    def next_url(self) -> str | None:
        """The page after this one."""
        return self.asked.url(at=[*self.asked.trail, self.following]) if self.following else None

    @property
    def back_url(self) -> str | None:
        """The page before."""
        return self.asked.url(at=self.asked.trail[:-1]) if self.asked.trail else None

    @property
    def first(self) -> int:
        """The number of the first thing on this page."""
        return len(self.asked.trail) * self.asked.size + 1

    def chips(self) -> list[Chip]:
        """The filters that are set."""
        shapes = {one.name: one for one in self.asked.shapes}
        flags = {"true": t("是", "yes"), "false": t("否", "no")}
        made = []
        for name, value in self.asked.filters.items():
            shape = shapes[name]
            label = (shape.choices or {}).get(value)
            said = t(label.zh, label.en) if label else self.values.name(value)
            text = flags.get(value, said) if shape.type == "flag" else said
            made.append(Chip(f"{t(shape.title.zh, shape.title.en)}{t(':', ': ')}{text}", self.asked.without(name)))
        return made

    def sort_url(self, column: Shape) -> str | None:
        """The list sorted by this column, the other way round if it is already; None where it cannot be."""
        sorts = self.area.listing.sorts
        down, up = f"-{column.name}", column.name
        if up not in sorts and down not in sorts:
            return None
        wanted = up if self.asked.sort == down else down
        return self.asked.url(sort=wanted if wanted in sorts else up)

    def sorted_as(self, column: Shape) -> str:
        """For `aria-sort`."""
        return {column.name: "ascending", f"-{column.name}": "descending"}.get(self.asked.sort, "")


def listed(api: Api, asked: Asked, *, key: str = "", columns: Sequence[str] = ()) -> Listed:
    """Asks the API for one page; raises what it refuses."""
    area, listing = asked.area, asked.area.listing
    path = area.api(key, path=area.path) if "{" in area.path else area.path
    at = asked.trail[-1] if asked.trail else None
    counting = {"count": "true"} if listing.takes("count") else {}
    began = time.perf_counter()
    page = api.get(path, **asked.filters, sort=asked.sort or None, limit=asked.size, cursor=at, **counting).body
    took = time.perf_counter() - began
    shown, more = _columns(area, listing, chosen=columns)
    return Listed(
        asked=asked,
        items=[{**row, "names": page.get("names", {})} for row in page["items"]],
        values=Values(page.get("names", {})),
        following=page["next"],
        total=page.get("total"),
        about=page.get("total_is") == "about",
        seconds=took,
        columns=shown,
        more=more,
    )


def _columns(area: Area, listing: Operation, *, chosen: Sequence[str]) -> tuple[list[Shape], list[Shape]]:
    """What is shown, in the order declared, and what else there is."""
    answer = listing.answer
    every = [one for one in with_choices(area, answer).shown() if one.name not in area.heading] if answer else []
    named = chosen or area.columns or [one.name for one in every[:7]]
    by_name = {one.name: one for one in every}
    shown = [by_name[name] for name in named if name in by_name]
    return shown, [one for one in every if one not in shown]


def how_many(api: Api, area: Area) -> int | None:
    """All that the reader sees of it; None where the API does not count them."""
    if not area.listing.takes("count"):
        return None
    total: int | None = api.get(area.path, limit=1, count="true").body.get("total")
    return total
