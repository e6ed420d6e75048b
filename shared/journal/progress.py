"""How far each tenant here has come with each aggregate: home by writing it, a party by applying what home signed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, tuple_
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.entry import Entry, Position
from shared.database.rows import TenantRow, table_of
from shared.database.session import TenantSession

IN_STEP, HELD, PARKED = "in_step", "held", "parked"
APPLIED_CHANNEL = "xietong_applied"
"""NOTIFY channel whose payload is a tenant that has just advanced; only a wake-up beside a poll."""


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
    def position(self) -> Position:
        """That of the last applied entry; (1, 0) when none is."""
        return Position(self.epoch, self.version)


def unknown(session: TenantSession, aggregate: UUID, *, kind: str, home: UUID) -> ProgressRow:
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


def _note() -> Insert:
    statement = upsert(table_of(ProgressRow))
    changed = {name: statement.excluded[name] for name in ("epoch", "version", "entry_hash", "applied_at")}
    newer = tuple_(ProgressRow.epoch, ProgressRow.version) < tuple_(
        statement.excluded.epoch, statement.excluded.version
    )
    return statement.on_conflict_do_update(index_elements=["tenant_id", "aggregate_id"], set_=changed, where=newer)


NOTE = _note()


def note_home_progress(session: TenantSession, entries: Iterable[Entry]) -> None:
    """Home has come to the versions it writes, in their transaction: its own entries make no round trip."""
    now = session.clock.now()
    values = [
        {
            "tenant_id": session.context.tenant_id,
            "aggregate_id": entry.aggregate,
            "kind": entry.aggregate_type,
            "home_id": entry.home,
            "epoch": entry.epoch,
            "version": entry.version,
            "entry_hash": entry.hash,
            "since_version": entry.version,
            "status": IN_STEP,
            "applied_at": now,
            "wanted_version": 0,
            "asks": 0,
        }
        for entry in entries
    ]
    session.write(NOTE, values)
