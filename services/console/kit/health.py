"""Health: how this jurisdiction stands with each other one, which parts work, and what waits, all as the API says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.console.calling.visits import Visitor
from services.console.kit.lines import MOST, STANDING, Line, lines
from shared.pages.asking import pages_of

STATUS, REGISTERS, KINDS = "/v1/public/status", "/v1/registers", "/v1/waiting/kinds"


@dataclass(frozen=True)
class Neighbour:
    """One other jurisdiction: the line to it, None where nothing is shared, and its register as far as it is here."""

    name: Mapping[str, Any] | None
    line: Line | None
    register: Mapping[str, Any] | None

    @property
    def is_well(self) -> bool:
        """Whether both are in step and all it made public is here."""
        is_whole = self.register is None or bool(self.register["up_to_date"])
        return is_whole and (self.line is None or self.line.row["reason"] == "in_step")

    @property
    def stands_still(self) -> bool:
        """Whether somebody has to look."""
        return self.line is not None and self.line.look == STANDING


@dataclass(frozen=True)
class Health:
    """All of it, as it was a moment ago."""

    checked_at: str
    parts: list[Mapping[str, Any]]
    neighbours: list[Neighbour]
    kinds: list[Mapping[str, Any]]
    """How many wait in each way; those of which none does are left out."""

    @property
    def is_well(self) -> bool:
        return all(one["works"] for one in self.parts) and not self.kinds and not self.out_of_step

    @property
    def out_of_step(self) -> int:
        """How many of the others are not in step."""
        return sum(not one.is_well for one in self.neighbours)


def health(who: Visitor) -> Health:
    """Asks the API for each part of it; raises what it refuses."""
    status, told = who.api.get(STATUS).body, who.api.get(REGISTERS).body
    names, found = told.get("names", {}), {str(one.row["tenant"]): one for one in lines(who)}
    registers = {one["home"]: one for one in told["homes"] if one["home"] != str(who.tenant)}
    others = [
        Neighbour(found[key].name if key in found else names.get(key), found.get(key), registers.get(key))
        for key in dict.fromkeys([*found, *registers])
    ]
    waits = pages_of(who.api, KINDS, most=MOST)
    return Health(
        status["checked_at"],
        status["parts"],
        sorted(others, key=lambda one: (not one.stands_still, one.is_well)),
        [one for one in waits if one["count"]],
    )
