"""Work: what waits for whom, as the API's index of it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.console.calling.visits import Visitor
from services.console.kit.areas import area_of
from services.console.kit.values import Values
from shared.pages.languages import named, t


@dataclass(frozen=True)
class Wait:
    """One thing and the action it waits for."""

    row: Mapping[str, Any]
    values: Values
    is_mine: bool

    @property
    def what(self) -> str:
        """The action."""
        return t(self.row["action_zh"], self.row["action_en"])

    @property
    def name(self) -> str:
        """The thing."""
        return named(self.row["name_zh"], self.row.get("name_en") or self.row["name_zh"])

    @property
    def kind(self) -> str:
        """What sort of thing it is; '' where the console has no page for it."""
        area = area_of(str(self.row["kind"]).rpartition(".")[2])
        return t(area.title_pair.zh, area.title_pair.en) if area else ""

    @property
    def url(self) -> str:
        """Its page; '' where there is none."""
        parts = [part for part in str(self.row["url"]).split("/") if part][1:]
        area = area_of(str(self.row["kind"]).rpartition(".")[2])
        if area is None:
            return ""
        places = [part for part in area.one.split("/") if part][1:]
        key = [given for given, place in zip(parts, places, strict=False) if place.startswith("{")]
        return f"/console/{area.name}/{'/'.join(key)}"

    @property
    def parties(self) -> list[str]:
        """For whom it waits."""
        return [str(one) for one in self.row["waits_for"]]


def waits_of(who: Visitor, thing: str) -> list[Wait]:
    """What one thing waits for, one's own tenant's turn first."""
    if not thing or not who.may("work:read"):
        return []
    return [
        *waits(who, whose="tenant", aggregate=thing, limit=10)[0],
        *waits(who, whose="others", aggregate=thing, limit=10)[0],
    ]


def waits(who: Visitor, *, whose: str, **filters: Any) -> tuple[list[Wait], int | None]:
    """A page of what waits for `me`, the `tenant` or `others`; and how much there is, where the API says."""
    body = who.api.get("/v1/work", **{"for": whose}, count="true", **filters).body
    values = Values(body.get("names", {}))
    return [Wait(row, values, whose != "others") for row in body["items"]], body.get("total")


def commands_sent(who: Visitor, *, most: int) -> list[Mapping[str, Any]]:
    """What the reader has asked other jurisdictions to do, newest first, each with what its home is called."""
    if not who.may("commands:read"):
        return []
    body = who.api.get("/v1/commands", mine="true", limit=most).body
    return [{**row, "home_name": body.get("names", {}).get(row["home"])} for row in body["items"]]
