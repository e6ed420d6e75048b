"""Registers as the API tells anybody of them, with the moment of which each is true."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any

from shared.http.requests.gate import database
from shared.pages.asking import Api
from shared.pages.languages import t

TENANTS, PARKS, STANDARDS, BODIES, BULLETINS, CONSULTATIONS, STATUS, SHARED, ITEMS = (
    f"/v1/public/{name}"
    for name in (
        "tenants",
        "parks",
        "standards",
        "bodies",
        "bulletins",
        "consultations",
        "status",
        "tenants/shared",
        "service-items",
    )
)
FRESH = 5.0
"""Seconds for which an answer is told again: what is public is the same for everybody."""
MOST_KEPT = 200
MOST_ITEMS = 2000
"""Of one register on one page or map; whoever wants all takes the file."""


@dataclass(frozen=True)
class Told:
    """What the API said at a moment."""

    body: Mapping[str, Any]
    as_of: datetime

    @property
    def items(self) -> Sequence[Any]:
        """Of a list."""
        found: Sequence[Any] = self.body["items"]
        return found

    @property
    def total(self) -> int:
        """How many there are, of a list that was asked to count."""
        found: int = self.body["total"]
        return found

    @property
    def is_about(self) -> bool:
        """Whether `total` is an estimate."""
        return bool(self.body["total_is"] == "about")

    def name(self, key: str | None) -> str:
        """How something is called whose id stands in the answer."""
        found = self.body.get("names", {}).get(key)
        return "–" if found is None else t(found["zh"], found["en"])

    def code(self, key: str) -> str:
        """The code of a tenant whose id stands in the answer."""
        return str(self.body.get("names", {}).get(key, {}).get("code") or "")


@dataclass
class _Kept:
    """Answers of a moment ago, the oldest first."""

    told: OrderedDict[tuple[Any, ...], tuple[float, Told]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def get(self, key: tuple[Any, ...], ask: Callable[[], Mapping[str, Any]]) -> Told:
        with self.lock:
            found = self.told.get(key)
        if found is not None and monotonic() - found[0] < FRESH:
            return found[1]
        told = Told(ask(), database().clock.now())
        with self.lock:
            self.told[key] = monotonic(), told
            self.told.move_to_end(key)
            while len(self.told) > MOST_KEPT:
                self.told.popitem(last=False)
        return told


KEPT = _Kept()


def read(path: str, **query: Any) -> Told:
    """One answer; raises `RefusedByApiError` or `UnavailableError`."""
    key = (database().settings.issuer, path, *sorted((name, str(value)) for name, value in query.items()))
    return KEPT.get(key, lambda: Api().get(path, **query).body)


def counted(path: str, *, limit: int = 1, **query: Any) -> Told:
    """How many there are of a list, with the first `limit` of them."""
    return read(path, limit=limit, count="true", **query)


def whole(path: str, **query: Any) -> Told:
    """A list from its beginning, as far as a page can show it, with the names of all that is in it."""

    def ask() -> Mapping[str, Any]:
        names: dict[str, Any] = {}
        items: list[Any] = []
        cursor: str | None = None
        while len(items) < MOST_ITEMS:
            page = Api().get(path, limit=100, cursor=cursor, **query).body
            items += page["items"]
            names |= page.get("names", {})
            cursor = page["next"]
            if cursor is None:
                break
        about = "exact" if cursor is None else "about"
        return {"items": items, "names": names, "next": cursor, "total": len(items), "total_is": about}

    return KEPT.get((database().settings.issuer, "whole", path, *sorted(query.items())), ask)
