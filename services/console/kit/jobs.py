"""Jobs: exports and imports of whoever is signed in, how far each is, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from services.console.calling.description import description
from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS
from services.console.kit.importing import GOING, is_import
from services.console.kit.lists import Asked
from services.console.kit.states import state
from services.console.kit.times import lasting
from shared.core.calendar import read_moment
from shared.core.words import Pair
from shared.http.requests.gate import database
from shared.pages.asking import pages_of
from shared.pages.languages import t

EXPORTS = "/v1/exports"
MOST = 100
FRESH = 30
"""Seconds after which a file that was asked for is no longer sent by itself."""


@dataclass(frozen=True)
class Task:
    """One job: what it is of, how far it is, and where more of it stands."""

    row: Mapping[str, Any]
    title: Pair
    state: Markup
    url: str
    done: int
    whole: int | None
    is_about: bool = False

    @property
    def is_going(self) -> bool:
        """Whether it will change by itself."""
        return self.row["state"] in GOING

    @property
    def is_ready(self) -> bool:
        """Whether there is a file to be had."""
        return self.row["state"] == "done" and "file_name" in self.row

    @property
    def is_fresh(self) -> bool:
        """Whether it was done a moment ago."""
        now = database().clock.now()
        return self.is_ready and (now - read_moment(self.row["ended_at"])).total_seconds() < FRESH

    @property
    def percent(self) -> int | None:
        """None while nobody knows how many there are."""
        return None if self.whole is None else min(100, 100 * self.done // self.whole) if self.whole else 100

    @property
    def left(self) -> str:
        """How long it will still take at this pace; '' where nobody can say."""
        seconds = self.row.get("seconds_left")
        return "" if seconds is None else lasting(max(1, seconds))

    @property
    def took(self) -> str:
        """How long it ran; '' of one that never began."""
        began, ended = self.row["started_at"], self.row["ended_at"]
        return lasting((read_moment(ended) - read_moment(began)).total_seconds()) if began and ended else ""

    @property
    def size(self) -> str:
        """Of the file, as people say it."""
        size = self.row.get("size") or 0
        return f"{size / 1_000_000:,.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000)):,} KB"

    @property
    def saved_as(self) -> str:
        """What the file is called in the reader's language, with the day on which it was made."""
        return f"{t(self.title.zh, self.title.en)} {self.row['created_at'][:10]}.{self.row['form']}"


def export_of(row: Mapping[str, Any]) -> Task:
    """An export as the API tells of it."""
    title, url = Pair(row["title"]["zh"], row["title"]["en"]), f"/console/jobs/{row['id']}"
    is_about = row["total_is"] == "about"
    return Task(row, title, state_of(EXPORTS, row), url, row["rows"], row["total"], is_about)


def state_of(path: str, row: Mapping[str, Any]) -> Markup:
    """The state of a job by the label that the API gives it."""
    listing = description().get("GET", path)
    shape = listing.answer.field("state") if listing and listing.answer else None
    return state(row["state"], ((shape.choices if shape else None) or {}).get(row["state"]))


def tasks_of(who: Visitor) -> list[Task]:
    """All that is theirs, newest first."""
    found = [export_of(row) for row in pages_of(who.api, EXPORTS, most=MOST)]
    found += _imports(who)
    return sorted(found, key=lambda one: str(one.row["created_at"]), reverse=True)[:MOST]


def _imports(who: Visitor) -> Iterator[Task]:
    for area in AREAS.values():
        if not is_import(area) or area.creating is None or not who.may(area.listing.scope):
            continue
        tried = Pair("(检查,不写入)", " (only looked at)")
        for row in pages_of(who.api, area.path, most=MOST, mine="true"):
            title = area.creating.title
            title = Pair(title.zh + tried.zh, title.en + tried.en) if row["dry_run"] else title
            yield Task(row, title, state_of(area.path, row), area.url(row), row["seen"], row["rows"])


def address_of(asked: Asked) -> str:
    """The list with its filters and its order, as the API has it."""
    given = {**asked.filters, **({"sort": asked.sort} if asked.sort else {})}
    path = asked.area.path
    return f"{path}?{urlencode(given)}" if given else path
