"""How far each tenant here has come with each aggregate: home by writing it, a party by applying what home signed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, insert, select, tuple_
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.entry import Entry, Position
from shared.database.many import put
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


@dataclass(slots=True, eq=False)
class Progress:
    """A row of it as it was read, locked; `write_progress` keeps what became of it."""

    tenant_id: UUID
    aggregate_id: UUID
    kind: str
    home_id: UUID
    epoch: int
    version: int
    entry_hash: str
    since_version: int
    status: str
    reason: str | None
    applied_at: datetime
    asked_at: datetime | None
    wanted_version: int
    asks: int
    ask_at: datetime | None
    reported: str | None
    reported_at: datetime | None
    waits_since: datetime | None

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


NAMES = [one.name for one in fields(Progress)]
READ = select(*(table_of(ProgressRow).c[name] for name in NAMES))
BEGIN = insert(table_of(ProgressRow))


def unknown(session: TenantSession, aggregate: UUID, *, kind: str, home: UUID) -> Progress:
    """The progress of an aggregate this tenant has not seen before."""
    return Progress(
        tenant_id=session.context.tenant_id,
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


def write_progress(session: TenantSession, rows: Iterable[Progress], *, begun: Collection[UUID] = ()) -> None:
    """Keep what became of locked rows; those of `begun` aggregates are new, and nobody else may have begun them."""
    values = [(row.aggregate_id in begun, {name: getattr(row, name) for name in NAMES}) for row in rows]
    session.write(BEGIN, [one for is_new, one in values if is_new])
    session.write(WRITE, [one for is_new, one in values if not is_new])


def _note() -> Insert:
    statement = upsert(table_of(ProgressRow))
    changed = {name: statement.excluded[name] for name in ("epoch", "version", "entry_hash", "applied_at")}
    newer = tuple_(ProgressRow.epoch, ProgressRow.version) < tuple_(
        statement.excluded.epoch, statement.excluded.version
    )
    return statement.on_conflict_do_update(index_elements=["tenant_id", "aggregate_id"], set_=changed, where=newer)


NOTE = _note()
WRITE = put(table_of(ProgressRow), *(name for name in NAMES if name not in ("tenant_id", "aggregate_id", "kind")))


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
