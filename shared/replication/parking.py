"""Parking: what cannot be applied waits with its reason, alone; everything else flows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from events.printing import printable
from shared.core.metrics import PARKED as COUNT
from shared.journal.progress import HELD, PARKED, ProgressRow, unknown
from shared.journal.session import Session
from shared.keys.verification import VerifiedEntry
from shared.replication.applying import apply_entries
from shared.replication.progress import hold, progress_of
from shared.replication.receipts import report


def park(session: Session, entries: Sequence[VerifiedEntry], *, reason: str) -> None:
    """Park the aggregate of these entries for this tenant; they and all later ones queue behind it; home is told."""
    first = entries[0]
    row = progress_of(session, [first.entry.aggregate]).get(first.entry.aggregate)
    if row is None:
        row = unknown(session, first.entry.aggregate, kind=first.entry.aggregate_type, home=first.entry.home)
        session.add(row)
    row.wait(PARKED, printable(reason)[:2000], now=session.clock.now())
    row.wanted_version = max(row.wanted_version, entries[-1].entry.version)
    hold(session, entries)
    session.flush()
    report(session, [row])
    COUNT.labels(first.entry.aggregate_type.split(".")[0]).inc()


def replay(session: Session, aggregate: UUID) -> ProgressRow | None:
    """Apply what queued behind a parked aggregate, in order; raises what failed before if it still does."""
    row = progress_of(session, [aggregate]).get(aggregate)
    if row is None or row.status != PARKED:
        return None
    row.status, row.reason, row.asked_at, row.asks, row.ask_at = HELD, None, None, 0, None
    session.flush()
    apply_entries(session, (), held=[aggregate])
    return row
