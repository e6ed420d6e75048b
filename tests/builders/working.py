"""Work lists as people read them, and the index behind them compared with what it is derived from."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.canonical import plain
from shared.database.rows import AGGREGATES
from shared.journal.work import COMMAND, WorkRow, derived
from tests.builders.cell import Cell, Client


def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    """What waits, the commands of all tests' own apart."""
    answer = client.get(f"/v1/work?limit=100&{query}")
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return [item for item in items if item["kind"] != COMMAND]


def actions(client: Client, query: str = "") -> set[tuple[str, str]]:
    """The address of each thing that waits, and for what."""
    return {(item["url"], item["action"]) for item in listed(client, query)}


def check_derived(cell: Cell, *tenants: UUID) -> None:
    """The index of each tenant is what deriving it anew from all its rows gives."""
    for tenant in tenants:
        with cell.session(tenant) as session:
            kinds: list[Any] = [kind for kind in AGGREGATES.values() if kind.duties]
            things = [row for kind in kinds for row in session.scalars(select(kind))]
            wanted = [line for thing in things for line in derived(session, thing)]
            kept = [row for row in session.scalars(select(WorkRow)) if row.kind != COMMAND]
            assert sorted(map(_essence, map(vars, kept))) == sorted(map(_essence, wanted))


def _essence(line: dict[str, Any]) -> str:
    left = {name: value for name, value in line.items() if not name.startswith("_") and name != "updated_at"}
    return str(plain(sorted(left.items())))
