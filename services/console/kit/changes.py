"""Changes: what happened to the things that somebody may read, and what of it is new to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS, area_of, kind_said
from services.console.kit.values import Values
from shared.pages.languages import t


@dataclass(frozen=True)
class Change:
    """One line of some thing's timeline."""

    row: Mapping[str, Any]
    values: Values
    is_new: bool = False

    @property
    def what(self) -> str:
        """What happened."""
        return t(self.row["summary"]["zh"], self.row["summary"]["en"])

    @property
    def name(self) -> str:
        """The thing."""
        return self.values.name(str(self.row["id"]))

    @property
    def tenant(self) -> Any:
        """What the jurisdiction is called that did it."""
        return self.values.names.get(str(self.row["actor"]["tenant"]))

    @property
    def kind(self) -> str:
        """What sort of thing it is."""
        return kind_said(self.row["kind"])

    @cached_property
    def url(self) -> str:
        """The thing's page; '' where the console has none for it."""
        area = area_of(str(self.row["kind"]).rpartition(".")[2])
        if area is None:
            return ""
        # The address of a part begins with that of the whole, which the part calls by what it is.
        whole = {AREAS[area.within].kind: self.row["within"]} if area.within else {}
        return area.url({**self.row, **whole})


@dataclass(frozen=True)
class Changes:
    """Some of them, newest first, how many there are, and where the older ones begin."""

    items: list[Change]
    total: int
    following: str | None


NONE = Changes([], 0, None)


def changes(who: Visitor, *, new_since: str = "", **filters: Any) -> Changes:
    """A page of those that fit; `new_since` says since when they are new to the reader."""
    body = who.api.get("/v1/changes", count="true", **filters).body
    values = Values(body.get("names", {}))
    items = [Change(row, values, bool(new_since) and row["recorded_at"] > new_since) for row in body["items"]]
    return Changes(items, body.get("total") or len(items), body["next"])
