"""What tenants share with everybody, in numbers: each service counts its own, and the directory shows them together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

Counting = Callable[[Any, Collection[UUID]], Mapping[UUID, int]]
"""`function(session, tenants)` counts for each of them, out of registers alone."""
SHARED_BY_TENANTS: dict[str, Counting] = {}
"""Every count that services told of, by its name."""


def counts_shared(name: str, counting: Counting) -> None:
    """Tells how much of one kind each tenant shares with everybody."""
    if name in SHARED_BY_TENANTS:
        raise ValueError(f"{name} are counted twice")
    SHARED_BY_TENANTS[name] = counting


def shared_by(session: Any, tenants: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """What each of these tenants shares, by the names of the counts."""
    found: dict[UUID, dict[str, int]] = {tenant: {} for tenant in tenants}
    for name, counting in sorted(SHARED_BY_TENANTS.items()):
        for tenant, count in counting(session, tenants).items():
            found[tenant][name] = count
    return found
