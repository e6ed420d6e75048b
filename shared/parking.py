"""Parking: what cannot be applied waits with its reason, alone; everything else flows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from events.printing import printable
from shared.intake import Arrival
from shared.metrics import PARKED as COUNT
from shared.progress import HELD, PARKED, ProgressRow, hold, standings, unknown
from shared.receipts import report
from shared.replication import apply_arrivals

if TYPE_CHECKING:
    from shared.db import Session


def park(session: Session, arrivals: Sequence[Arrival], *, reason: str) -> None:
    """Park the aggregate of `arrivals` for this tenant; they and all later ones queue behind it, and home is told."""
    first = arrivals[0]
    row = standings(session, [first.aggregate]).get(first.aggregate)
    if row is None:
        row = unknown(session, first.aggregate, kind=first.entry.aggregate_type, home=first.entry.home)
        session.add(row)
    row.wait(PARKED, printable(reason)[:2000], now=session.clock.now())
    row.wanted_version = max(row.wanted_version, arrivals[-1].entry.version)
    hold(session, arrivals)
    session.flush()
    report(session, [row])
    COUNT.labels(first.service).inc()


def replay(session: Session, aggregate: UUID) -> ProgressRow | None:
    """Apply what queued behind a parked aggregate, in order; raises what failed before if it still does."""
    row = standings(session, [aggregate]).get(aggregate)
    if row is None or row.status != PARKED:
        return None
    row.status, row.reason, row.asked_at, row.asks, row.ask_at = HELD, None, None, 0, None
    session.flush()
    apply_arrivals(session, (), also=[aggregate])
    return row
