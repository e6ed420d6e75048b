"""What tenants share with everybody, in numbers: each service counts its own, and the directory shows them together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

MOST_GROUPS = 1000
"""So many groups of tenants are told of each kind, those that share most."""


@dataclass(frozen=True)
class Shared:
    """What a group of tenants share of one kind, all of them: how much, and an example in Chinese and in English."""

    kind: str
    tenants: Sequence[str]
    count: int
    example_zh: str
    example_en: str


Counting = Callable[[Any, Collection[UUID]], Mapping[UUID, int]]
"""`function(session, tenants)` counts for each of them, out of registers alone."""
SHARED_BY_TENANTS: dict[str, Counting] = {}
"""Every count that services told of, by its name."""

GROUPS: dict[str, Callable[[], Select[Any]]] = {}
"""Every select of `groups_of` that services told of, by what it counts."""


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


def groups_of(row: Any, parties: ColumnElement[Any], *, called: tuple[Any, Any]) -> Select[Any]:
    """Counts rows by the tenants that stand in `parties`, an array of `{"tenant"}`; `called` as in `Shared`."""
    party = func.jsonb_array_elements(parties).column_valued("party")
    tenant = party.op("->>")("tenant")
    tenants = select(func.array_agg(aggregate_order_by(tenant.distinct(), tenant))).scalar_subquery()
    counted = func.count()
    several = func.jsonb_array_length(parties) > 1
    found = select(tenants.label("tenants"), counted, *(func.min(name) for name in called)).select_from(row)
    return found.where(several).group_by("tenants").order_by(counted.desc(), "tenants").limit(MOST_GROUPS)


def groups_shared(name: str, query: Callable[[], Select[Any]]) -> None:
    """Tells what tenants share with each other of one kind, as `groups_of` counts it."""
    GROUPS[name] = query


def shared_in_groups(session: Any) -> list[Shared]:
    """Of every kind, most first."""
    return [Shared(kind, *row) for kind, query in GROUPS.items() for row in session.execute(query())]
