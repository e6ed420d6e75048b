"""Parking: what cannot be applied waits with its reason, alone; everything else flows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from events.printing import printable
from shared.core.metrics import PARKED as COUNT
from shared.journal.progress import HELD, PARKED, Progress, unknown, write_progress
from shared.journal.session import Session
from shared.keys.verification import VerifiedEntry
from shared.replication.applying import apply_entries
from shared.replication.progress import hold, progress_of
from shared.replication.receipts import confirm, report


def park(session: Session, entries: Sequence[VerifiedEntry], *, reason: str) -> None:
    """Park the aggregate of these entries for this tenant; they and all later ones queue behind it; home is told."""
    first = entries[0]
    key = first.entry.aggregate
    known = progress_of(session, [key]).get(key)
    row = known or unknown(session, key, kind=first.entry.aggregate_type, home=first.entry.home)
    row.wait(PARKED, printable(reason)[:2000], now=session.clock.now())
    row.wanted_version = max(row.wanted_version, entries[-1].entry.version)
    hold(session, entries)
    report(session, [row])
    write_progress(session, [row], begun=() if known else (key,))
    COUNT.labels(first.entry.aggregate_type.split(".")[0]).inc()


def replay(session: Session, aggregate: UUID) -> Progress | None:
    """Apply what queued behind a parked aggregate, in order; raises what failed before if it still does.

    None where it is not parked: then nothing is done.
    """
    row = progress_of(session, [aggregate]).get(aggregate)
    if row is None or row.status != PARKED:
        return None
    row.status, row.reason, row.asked_at, row.asks, row.ask_at = HELD, None, None, 0, None
    write_progress(session, [row])
    apply_entries(session, (), held=[aggregate])
    confirm(session, [aggregate])
    return progress_of(session, [aggregate])[aggregate]
