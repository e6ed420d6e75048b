"""How a revocation is kept: when it was made and, of people's and clients' own, who made it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from events.canonical import instant
from shared.core.calendar import read_moment

MOST_OWN = 20
"""Single tokens and sessions that one owner voids before all of its own count as void."""


def kept(at: datetime, owner: str | None) -> str:
    """The value beside a key in `RevocationList.revoked`."""
    return instant(at) if owner is None else f"{instant(at)} {owner}"


def made_at(value: str) -> datetime:
    """When a revocation was made."""
    return read_moment(value.partition(" ")[0])


def owner_of(value: str) -> str:
    """Whose own it is, `client:…` or `sub:…`; empty for an administrator's."""
    return value.partition(" ")[2]


def without_own(living: Mapping[str, str], owner: str) -> dict[str, str]:
    """The revocations that `owner` did not make."""
    return {key: value for key, value in living.items() if owner_of(value) != owner}
