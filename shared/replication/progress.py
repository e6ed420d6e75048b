"""How far each tenant here has come with each aggregate, and what waits because something before it is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from shared.commands.forwarding import PendingCommand
from shared.database.rows import Row, TenantRow
from shared.journal.session import Session
from shared.keys.verification import VerifiedEntry

IN_STEP, HELD, PARKED = "in_step", "held", "parked"
MOST_HELD = 1000
"""Messages kept per aggregate while one before them is missing; the rest comes again with the resync."""
MOST_HELD_BYTES = 64_000_000
"""The same for all aggregates of one home at one tenant."""


class ProgressRow(TenantRow):
    """The last version of an aggregate that this tenant has applied, home or party.

    `since_version` is where the tenant's knowledge begins, `wanted_version` the newest version it has heard of.
    Home was asked `asks` times for what is missing, last `asked_at`, and is again `ask_at`. It was told what `reported`
    says.
    """

    __tablename__ = "progress"
    __table_args__ = (
        Index("ix_progress_waiting", "tenant_id", "asked_at", postgresql_where="status <> 'in_step'"),
        {"schema": "shared"},
    )

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    home_id: Mapped[UUID]
    epoch: Mapped[int]
    version: Mapped[int]
    entry_hash: Mapped[str]
    since_version: Mapped[int]
    status: Mapped[str]
    reason: Mapped[str | None]
    applied_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    wanted_version: Mapped[int]
    asks: Mapped[int]
    ask_at: Mapped[datetime | None]
    reported: Mapped[str | None]
    reported_at: Mapped[datetime | None]
    waits_since: Mapped[datetime | None]

    def wait(self, status: str, reason: str, *, now: datetime) -> None:
        """It does not advance, for this reason; since when is kept when the reason changes."""
        self.status, self.reason, self.waits_since = status, reason, self.waits_since or now

    def settle(self) -> None:
        """Nothing is missing any more."""
        self.status, self.reason, self.waits_since = IN_STEP, None, None
        self.asked_at, self.asks, self.ask_at = None, 0, None

    @property
    def position(self) -> tuple[int, int]:
        """(epoch, version) of the last applied entry; (1, 0) when none is."""
        return self.epoch, self.version


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


def progress_of(session: Session, aggregates: Iterable[UUID]) -> dict[UUID, ProgressRow]:
    """The progress rows of these aggregates, locked in one order so that two workers cannot deadlock."""
    rows = select(ProgressRow).where(
        ProgressRow.tenant_id == session.context.tenant_id, ProgressRow.aggregate_id.in_(sorted(set(aggregates)))
    )
    ordered = rows.order_by(ProgressRow.aggregate_id).with_for_update()
    return {row.aggregate_id: row for row in session.scalars(ordered)}


def unknown(session: Session, aggregate: UUID, *, kind: str, home: UUID) -> ProgressRow:
    """The progress of an aggregate this tenant has not seen before."""
    return ProgressRow(
        aggregate_id=aggregate,
        kind=kind,
        home_id=home,
        epoch=1,
        version=0,
        entry_hash="",
        since_version=0,
        status=IN_STEP,
        reason=None,
        applied_at=session.clock.now(),
        asked_at=None,
        wanted_version=0,
        asks=0,
        ask_at=None,
        reported=None,
        reported_at=None,
        waits_since=None,
    )


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
        "aggregate_id": verified.aggregate,
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
    results = {UUID(item["aggregate"]): (item["epoch"], item["version"]) for item in pending.answer["results"]}
    rows = session.scalars(select(ProgressRow).where(ProgressRow.aggregate_id.in_(results)))
    reached = {row.aggregate_id: row.position for row in rows}
    return all(reached.get(key, (0, 0)) >= position for key, position in results.items())
