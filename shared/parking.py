"""Parking: what cannot be applied waits with its reason, alone; everything else flows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session as OrmSession

from events.printing import printable
from shared.intake import Arrival
from shared.metrics import PARKED as COUNT
from shared.progress import HELD, PARKED, ProgressRow, RejectRow, hold, standings, unknown
from shared.receipts import report
from shared.replication import apply_arrivals

if TYPE_CHECKING:
    from shared.db import Session

WAIT_FOR_KEY = timedelta(hours=1)
"""How long a message is tried again while the key that signed it is unknown."""


def park(session: Session, arrivals: Sequence[Arrival], *, reason: str) -> None:
    """Park the aggregate of `arrivals` for this tenant; they and all later ones queue behind it, and home is told."""
    first = arrivals[0]
    row = standings(session, [first.aggregate]).get(first.aggregate)
    if row is None:
        row = unknown(session, first.aggregate, kind=first.entry.aggregate_type, home=first.entry.home)
        session.add(row)
    row.status, row.reason = PARKED, printable(reason)[:2000]
    row.wanted_version = max(row.wanted_version, arrivals[-1].entry.version)
    hold(session, arrivals)
    session.flush()
    report(session, [row])
    COUNT.labels(first.service).inc()


def parked(session: Session) -> list[ProgressRow]:
    """The tenant's parked aggregates, oldest first."""
    mine = ProgressRow.tenant_id == session.context.tenant_id, ProgressRow.status == PARKED
    return list(session.scalars(select(ProgressRow).where(*mine).order_by(ProgressRow.applied_at)))


def replay(session: Session, aggregate: UUID) -> ProgressRow | None:
    """Apply what queued behind a parked aggregate, in order; raises what failed before if it still does."""
    row = standings(session, [aggregate]).get(aggregate)
    if row is None or row.status != PARKED:
        return None
    row.status, row.reason, row.asked_at = HELD, None, None
    session.flush()
    apply_arrivals(session, (), also=[aggregate])
    return row


def reject(session: OrmSession, record: Any, *, reason: str, now: datetime) -> None:
    """Keep a message that proves nothing, for the operator."""
    values = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "reason": printable(reason)[:2000],
        "value": record.value or b"",
        "received_at": now,
    }
    session.execute(upsert(RejectRow).values(values).on_conflict_do_nothing())


def retry_unknown_keys(worker: Any, *, most: int = 100) -> int:
    """Take again what waited for a key the directory now holds; returns how many were taken."""
    database = worker.database
    recent = database.clock.now() - WAIT_FOR_KEY
    waiting = RejectRow.reason.startswith("KeyUnknownError"), RejectRow.received_at > recent
    with database.cell_session() as session:
        rows = list(session.scalars(select(RejectRow).where(*waiting).order_by(RejectRow.received_at).limit(most)))
    still = {(row.topic, row.partition, row.offset) for row in worker.handle(rows)} if rows else set()
    with database.cell_session() as session:
        for row in rows:
            key = (row.topic, row.partition, row.offset)
            if key not in still:
                session.delete(session.get_one(RejectRow, key))
    return len(rows) - len(still)
