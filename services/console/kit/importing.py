"""Imports: a table is looked at first without any change, corrected, then taken; how far one is, at what pace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.console.calling.description import description
from services.console.kit.areas import AREAS, Area
from services.console.kit.things import Thing
from services.console.kit.times import lasting
from services.console.kit.values import Values
from shared.core.calendar import read_moment
from shared.http.requests.gate import database
from shared.pages.asking import Api

FILE, DRY_RUN = "file", "dry_run"
MOST_ROWS = 100
"""So many rows with errors stand on the page; all are in the workbook."""
GOING = ("waiting", "running")


def is_import(area: Area) -> bool:
    """Whether new ones are made of a file that can be tried first."""
    draft = area.creating.draft if area.creating else None
    return draft is not None and bool(draft.field(FILE) and draft.field(DRY_RUN))


def import_into(area: Area) -> Area | None:
    """Where tables with things of the area are imported; None where they are made one by one."""
    return next((one for one in AREAS.values() if one.path == f"{area.path}/imports" and is_import(one)), None)


@dataclass(frozen=True)
class Job:
    """How far an import is."""

    row: Mapping[str, Any]
    values: Values
    rejected: list[Mapping[str, Any]]
    """Rows that were not taken, each with what is wrong in its cells."""

    @property
    def is_going(self) -> bool:
        """Whether it will change by itself."""
        return self.row["state"] in GOING

    @property
    def percent(self) -> int:
        return 100 * self.row["seen"] // self.row["rows"] if self.row["rows"] else 0

    @property
    def seconds(self) -> float:
        """How long it has run."""
        if not self.row["started_at"]:
            return 0.0
        ended = read_moment(self.row["ended_at"]) if self.row["ended_at"] else database().clock.now()
        return max(0.0, (ended - read_moment(self.row["started_at"])).total_seconds())

    @property
    def rate(self) -> int:
        """Rows in a second."""
        return round(self.row["seen"] / self.seconds) if self.seconds else 0

    @property
    def took(self) -> str:
        return lasting(self.seconds)

    @property
    def left(self) -> str:
        """How long it will still take at this pace; '' where nobody can say."""
        return "" if self.row["seconds_left"] is None else lasting(self.row["seconds_left"])


def job_of(api: Api, found: Thing) -> Mapping[str, Any]:
    """What the page of an import shows besides its facts."""
    errors = description().get("GET", f"{found.area.one}/errors")
    rows: list[Mapping[str, Any]] = []
    if errors is not None and found.document["refused"]:
        rows = api.get(found.area.api(found.key, path=errors.path), limit=MOST_ROWS).body["items"]
    return {"job": Job(found.document, found.values, rows)}
