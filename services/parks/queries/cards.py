"""Parks in force as anybody sees them: out of the register of their cards."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, select

from services.parks.models import ParkCardRow
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.http.sharing import groups_of
from shared.keys.directory import LEFT, DirectoryRow
from shared.text.matching import holds_all, sounds_like_all

PARTIES, SECTORS = ParkCardRow.state["parties"], ParkCardRow.state["sectors"]


def _in_force(_session: Any = None) -> list[ColumnElement[bool]]:
    """Not of a home that has left: nobody renews what it said."""
    gone = select(cast(DirectoryRow.id, Text)).where(DirectoryRow.status == LEFT)
    return [ParkCardRow.park_state.is_not(None), ParkCardRow.state["tenant"].astext.not_in(gone)]


public_parks = ListQuery(
    ParkCardRow,
    Order(
        {"since": ParkCardRow.since, "received_at": ParkCardRow.received_at},
        "-since",
        (ParkCardRow.id,),
        at_or_after(ParkCardRow.received_at),
    ),
    {
        "q": lambda value: sounds_like_all(ParkCardRow.folded, value),
        "tenant": lambda value: PARTIES.contains([{"tenant": str(value)}]),
        "kind": ParkCardRow.state["kind"].astext,
        "state": ParkCardRow.park_state,
        "sector": lambda value: holds_all(func.shared.folded(SECTORS.astext), value),
    },
    visible=_in_force,
)
"""Parks in force on the whole platform, the newest first."""


def parks_of_groups() -> Select[Any]:
    """How many parks in force there are of the same parties."""
    zh, en = (ParkCardRow.state[name].astext for name in ("name_zh", "name_en"))
    return groups_of(ParkCardRow, PARTIES, called=(zh, func.coalesce(en, zh))).where(*_in_force())


def present_public_parks(_session: Any, rows: Sequence[ParkCardRow]) -> list[dict[str, Any]]:
    """What the view shows."""
    return [
        {
            **row.state,
            "id": row.state["park_id"],
            "state": row.state["park_state"],
            "updated_at": json.loads(row.entry)["occurred_at"],
        }
        for row in rows
    ]


def parks_shared(session: Any, tenants: Collection[UUID]) -> Mapping[UUID, int]:
    """In how many parks in force each of these tenants takes part."""
    parties = func.jsonb_array_elements(PARTIES).column_valued("party", joins_implicitly=True)
    party = parties.op("->>")("tenant")
    counts = dict(
        session.execute(select(party, func.count()).select_from(ParkCardRow).where(*_in_force()).group_by(party)).all()
    )
    return {tenant: counts.get(str(tenant), 0) for tenant in tenants}
