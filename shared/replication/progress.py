"""What waits because something before it is missing, or proves nothing; and locks on how far tenants have come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.entry import NOWHERE, Position
from shared.commands.forwarding import PendingCommand
from shared.database.prepared import AMONG_KEYS, HERE, Prepared
from shared.database.rows import Row, TenantRow
from shared.journal.progress import READ, Progress, ProgressRow
from shared.journal.session import Session
from shared.keys.verification import VerifiedEntry

MOST_HELD = 1000
"""Messages kept per aggregate while one before them is missing; the rest comes again with the resync."""
MOST_HELD_BYTES = 64_000_000
"""The same for all aggregates of one home at one tenant."""


class HeldRow(TenantRow):
    """A message that waits, as it came; what it says is verified again when its turn comes."""

    __tablename__ = "held"
    __table_args__ = {"schema": "shared"}

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    received_at: Mapped[datetime]


class RejectRow(Row):
    """A message that proves nothing: kept for the operator. `sender_id` is who it says it is of, and proves nothing.

    One that `waits_for` a key is whole and taken again once the key is known, next `retry_at`.
    """

    __tablename__ = "rejects"
    __table_args__ = {"schema": "shared"}

    topic: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[int] = mapped_column(primary_key=True)
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    reason: Mapped[str]
    value: Mapped[bytes]
    received_at: Mapped[datetime]
    sender_id: Mapped[UUID | None]
    waits_for: Mapped[str | None]
    attempts: Mapped[int]
    retry_at: Mapped[datetime | None]


THEIRS = Prepared(
    lambda: (
        READ.where(
            ProgressRow.tenant_id == HERE,
            ProgressRow.aggregate_id == AMONG_KEYS,
        )
        .order_by(ProgressRow.aggregate_id)
        .with_for_update()
    )
)


def progress_of(session: Session, aggregates: Iterable[UUID]) -> dict[UUID, Progress]:
    """The progress of these aggregates, locked in one order so that two workers cannot deadlock."""
    found = THEIRS.rows(session, here=session.context.tenant_id, keys=sorted(set(aggregates)))
    return {row.aggregate_id: row for row in (Progress(*one) for one in found)}


def locked_progress(session: Session, query: Select[Any], *, skip: bool = False) -> dict[UUID, Progress]:
    """What `query`, made of `READ`, finds of the session tenant, locked; `skip` passes over what others have locked."""
    mine = query.where(ProgressRow.tenant_id == session.context.tenant_id).with_for_update(skip_locked=skip)
    return {row.aggregate_id: row for row in (Progress(*found) for found in session.connection().execute(mine))}


def hold(session: Session, entries: Sequence[VerifiedEntry]) -> None:
    """Keep messages until their predecessor is here; the same one twice is kept once.

    What is more than a home may have waiting here is not kept: it comes again with the resync.
    """
    now, rows, room = session.clock.now(), [], dict[UUID, int]()
    for verified in entries:
        home = verified.entry.home
        if home not in room:
            room[home] = MOST_HELD_BYTES - _held_bytes(session, home)
        room[home] -= len(verified.value)
        if room[home] >= 0:
            rows.append(_held(session, verified, now=now))
    if rows:
        session.execute(upsert(HeldRow).on_conflict_do_nothing(), rows)


def _held(session: Session, verified: VerifiedEntry, *, now: datetime) -> dict[str, Any]:
    return {
        "tenant_id": session.context.tenant_id,
        "aggregate_id": verified.entry.aggregate,
        "epoch": verified.entry.epoch,
        "version": verified.entry.version,
        "value": verified.value,
        "received_at": now,
    }


def _held_bytes(session: Session, home: UUID) -> int:
    theirs = (ProgressRow.tenant_id == HeldRow.tenant_id) & (ProgressRow.aggregate_id == HeldRow.aggregate_id)
    waiting = select(func.sum(func.octet_length(HeldRow.value))).join(ProgressRow, theirs)
    return int(session.scalar(waiting.where(ProgressRow.home_id == home)) or 0)


def settled(session: Session, pending: PendingCommand) -> bool:
    """Whether the answer is here and everything it names has been applied here too."""
    if pending.answer is None:
        return False
    results = {UUID(item["aggregate"]): Position(item["epoch"], item["version"]) for item in pending.answer["results"]}
    row = ProgressRow
    rows = session.execute(select(row.aggregate_id, row.epoch, row.version).where(row.aggregate_id.in_(results)))
    reached = {key: Position(epoch, version) for key, epoch, version in rows}
    return all(reached.get(key, NOWHERE) >= position for key, position in results.items())
