"""Entries of the menu: its groups, and pages that are no list of things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shared.core.words import Pair

Group = Literal["work", "shared", "records", "administration"]
GROUPS: Mapping[Group, Pair] = {
    "work": Pair("我的工作", "My work"),
    "shared": Pair("协同", "Working together"),
    "records": Pair("资料", "Records"),
    "administration": Pair("管理", "Administration"),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A page of its own in the menu, `/console/<name>`, for those who hold the scope."""

    name: str
    title: str
    """`中文 / English`."""
    scope: str
    by: str = ""
    """For the people of an `office`, or of an `organisation`, alone."""
    icon: str = "file-text"
    group: Group = "records"
    go: str = ""
    """The letter after `g` that leads here."""
    order: int = 0

    @property
    def title_pair(self) -> Pair:
        return Pair.read(self.title)


ENTRIES: dict[str, Entry] = {}
"""Pages of their own, by name."""


def entry(**given: Any) -> Entry:
    """Declare a page of its own in the menu."""
    made = Entry(**given)
    ENTRIES[made.name] = made
    return made
