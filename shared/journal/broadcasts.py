"""At home: which entries it broadcast, noted in their transaction; `shared.broadcasts.manifests` numbers them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, insert
from sqlalchemy.orm import Mapped, mapped_column

from events.entry import Entry
from shared.database.rows import TenantRow, table_of
from shared.database.session import TenantSession


class BroadcastRow(TenantRow):
    """An entry that was broadcast; `position` and `chain` are None until it is numbered."""

    __tablename__ = "broadcasts"
    __table_args__ = (
        Index("uq_broadcasts_position", "tenant_id", "position", unique=True),
        Index("ix_broadcasts_unnumbered", "tenant_id", postgresql_where="position IS NULL"),
        {"schema": "shared"},
    )

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int | None] = mapped_column(BigInteger)
    chain: Mapped[str | None]


class BroadcastLog(TenantRow):
    """How many there are; `chain` is the hash over all of them, `told` when each cell was last answered.

    `numbered_at` is when the last of them got its number: no earlier than it was committed.
    """

    __tablename__ = "broadcast_logs"
    __table_args__ = {"schema": "shared"}

    position: Mapped[int] = mapped_column(BigInteger)
    chain: Mapped[str]
    told: Mapped[dict[str, Any]]
    numbered_at: Mapped[datetime]


NOTE = insert(table_of(BroadcastRow))


def note_broadcasts(session: TenantSession, entries: Iterable[Entry]) -> None:
    """Remember, in the transaction of the entries, that these are broadcast."""
    tenant = session.context.tenant_id
    values = [
        {"tenant_id": tenant, "aggregate_id": entry.aggregate, "epoch": entry.epoch, "version": entry.version}
        for entry in entries
    ]
    session.write(NOTE, values)
