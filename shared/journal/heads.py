"""Heads: what home remembers, per aggregate, of who has not confirmed its last version."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.entry import Entry
from shared.database.rows import TenantRow, table_of
from shared.database.session import TenantSession

QUIET = timedelta(seconds=2)


class HeadRow(TenantRow):
    """At home: which version each tenant that has not confirmed it should have come to (`{tenant: [epoch, version]}`).

    A tenant that left waits for the entry with which it left, and no later one.
    """

    __tablename__ = "heads"
    __table_args__ = (
        Index("ix_heads_waiting", "tenant_id", "next_at", postgresql_where="waiting <> '{}'"),
        {"schema": "shared"},
    )

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    waiting: Mapped[dict[str, Any]]
    next_at: Mapped[datetime]
    attempts: Mapped[int]


def _note() -> Insert:
    table = table_of(HeadRow)
    statement = upsert(table)
    merged = table.c.waiting.op("||")(statement.excluded.waiting)
    changed = {"waiting": merged, "next_at": statement.excluded.next_at, "attempts": 0}
    return statement.on_conflict_do_update(index_elements=["tenant_id", "aggregate_id"], set_=changed)


NOTE = _note()


def note_heads(session: TenantSession, entries: Iterable[Entry]) -> None:
    """Remember, in the transaction of the entries and under their locks, which others are to come to these versions."""
    due = session.clock.now() + QUIET
    values = [
        {
            "tenant_id": session.context.tenant_id,
            "aggregate_id": entry.aggregate,
            "kind": entry.aggregate_type,
            "waiting": {str(tenant): list(entry.position) for tenant in entry.audience - {entry.home}},
            "next_at": due,
            "attempts": 0,
        }
        for entry in entries
        if entry.audience != {entry.home}
    ]
    session.write(NOTE, values)
