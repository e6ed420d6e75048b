"""The signed entry of an aggregate's journal: one per version, identical bytes at home and at every party."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid5

from events.canonical import Json, canonical, digest, instant

SPEC = "xietong.entry.v1"
KIND = re.compile(r"[a-z]{1,40}\.[a-z_]{1,40}")
LARGEST_NUMBER = 2**31 - 1
"""Of versions and epochs: what a PostgreSQL integer holds."""
SHAPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("aggregate", "aggregate_type", "home", "type", "state_hash", "occurred_at", "key"), (str,)),
    **dict.fromkeys(("epoch", "version", "state_version"), (int,)),
    **dict.fromkeys(("change", "actor"), (dict,)),
    **dict.fromkeys(("parties", "joined", "left"), (list,)),
    **dict.fromkeys(("previous", "nonce"), (str, type(None))),
    "command": (dict, type(None)),
    "algorithm": (str,),
    "spec": (str,),
}
"""Which JSON types an attribute of the signed object may have; a boolean is no number."""


INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
"""The form that `events.canonical.instant` gives."""


@lru_cache(maxsize=10_000)
def read_id(text: str) -> UUID:
    """The id in its one form; raises ValueError, TypeError or AttributeError for any other."""
    made = UUID(text)
    if str(made) != text:
        raise ValueError(f"not in the one form of an id: {text[:40]!r}")
    return made


def aggregate_id(home: UUID, nonce: str) -> UUID:
    """The id an aggregate of `home` gets: UUIDv5 (RFC 9562) of home and nonce, so nobody can occupy another's."""
    return uuid5(home, nonce)


class Position(NamedTuple):
    """What order and uniqueness of an aggregate's versions rest on; the epoch rises after a restore."""

    epoch: int
    version: int

    @property
    def etag(self) -> str:
        """`epoch.version`: the same at home and at every party."""
        return f"{self.epoch}.{self.version}"


NOWHERE = Position(0, 0)
"""Before every version."""


@dataclass(frozen=True)
class Actor:
    """Who acted: the tenant and an opaque id; never a name."""

    tenant: UUID
    id: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """All attributes are signed. `previous` is the hash of the entry before, None in the first.

    `joined` and `left` are the tenants that became or ceased to be parties with this entry. Where any joined, and in
    everything that is broadcast, `nonce` proves that the id is one of this home. `command` is the signed command of
    the party that asked for the change. `change` and the state behind `state_hash` are JSON objects.
    """

    aggregate: UUID
    aggregate_type: str
    home: UUID
    epoch: int
    version: int
    type: str
    change: Mapping[str, Json]
    state_version: int
    state_hash: str
    previous: str | None
    nonce: str | None
    parties: tuple[UUID, ...]
    joined: tuple[UUID, ...]
    left: tuple[UUID, ...]
    actor: Actor
    command: Mapping[str, Json] | None
    occurred_at: datetime
    key: str
    algorithm: str = "Ed25519"
    spec: str = SPEC

    @cached_property
    def document(self) -> dict[str, Json]:
        """The JSON object that is signed."""
        return {
            **{name: getattr(self, name) for name in SHAPES},
            **{name: [*map(str, getattr(self, name))] for name in ("parties", "joined", "left")},
            "aggregate": str(self.aggregate),
            "home": str(self.home),
            "actor": {"tenant": str(self.actor.tenant), "id": self.actor.id},
            "occurred_at": instant(self.occurred_at),
        }

    @cached_property
    def canonical(self) -> bytes:
        """The RFC 8785 bytes that are signed, hashed and journalled."""
        return canonical(self.document)

    @cached_property
    def hash(self) -> str:
        """Hex SHA-256 of the canonical bytes."""
        return digest(self.canonical)

    @property
    def audience(self) -> frozenset[UUID]:
        """The tenants this entry is for: parties before and after, so that one that leaves learns it."""
        return frozenset(self.parties) | frozenset(self.left)

    @property
    def position(self) -> Position:
        """Which version of the aggregate it makes."""
        return Position(self.epoch, self.version)

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Self:
        """Read an entry in its one form; raises ValueError, TypeError or KeyError when it is not exactly that."""
        if document.keys() != SHAPES.keys() or document["spec"] != SPEC:
            raise ValueError(f"not an entry of {SPEC}: {sorted(document.keys() ^ SHAPES.keys())}")
        if wrong := [name for name, allowed in SHAPES.items() if type(document[name]) not in allowed]:
            raise TypeError(f"of another type than the form has: {', '.join(wrong)}")
        actor = document["actor"]
        if actor.keys() != {"tenant", "id"} or type(actor["id"]) is not str:
            raise ValueError("the actor is not in its one form")
        if INSTANT.fullmatch(document["occurred_at"]) is None:
            raise ValueError("the time is not in its one form")
        typed: dict[str, object] = {
            "aggregate": read_id(document["aggregate"]),
            "home": read_id(document["home"]),
            "actor": Actor(read_id(actor["tenant"]), actor["id"]),
            "occurred_at": datetime.fromisoformat(document["occurred_at"]),
            **{name: tuple(map(read_id, document[name])) for name in ("parties", "joined", "left")},
        }
        entry = cls(**{**document, **typed})
        numbers = entry.version, entry.epoch, entry.state_version
        if not all(1 <= number <= LARGEST_NUMBER for number in numbers) or not KIND.fullmatch(entry.aggregate_type):
            raise ValueError("version, epoch or aggregate type is out of bounds")
        if entry.joined and entry.nonce is None:
            raise ValueError("whoever joined is owed the nonce")
        # The document is what `plain` would make of the entry again, so neither is made twice.
        entry.__dict__.update(document=document, canonical=canonical(document))
        return entry
