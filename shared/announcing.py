"""Announcing: when an aggregate is quiet, home says again where it stands to whoever has not confirmed it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from shared.heads import QUIET, HeadRow
from shared.progress import HELD, IN_STEP, ProgressRow, standings, unknown
from shared.receipts import ReceiptRow, report
from shared.resync import ask_for_missing, send

if TYPE_CHECKING:
    from shared.db import Session

LONGEST_PAUSE = timedelta(hours=1)
BATCH = 100


def announce_heads(session: Session) -> int:
    """Send a signed head to every tenant that has not confirmed a quiet aggregate; returns how many were sent.

    Repeated with growing pauses (2 s to 1 h) until the confirmation is here, so neither a lost entry nor a lost
    head nor a lost receipt leaves copies apart.
    """
    mine = HeadRow.tenant_id == session.context.tenant_id
    due = select(HeadRow).where(mine, HeadRow.waiting != {}, HeadRow.next_at <= session.clock.now())
    rows = session.scalars(due.order_by(HeadRow.next_at).limit(BATCH).with_for_update(skip_locked=True)).all()
    return sum(_announce(session, row) for row in rows)


def _announce(session: Session, row: HeadRow) -> int:
    reached = _confirmed(session, row.aggregate_id)
    waiting = {tenant: at for tenant, at in row.waiting.items() if reached.get(UUID(tenant), (0, 0)) < tuple(at)}
    row.attempts += 1
    row.waiting, row.next_at = waiting, session.clock.now() + min(QUIET * 2 ** min(row.attempts, 12), LONGEST_PAUSE)
    for tenant, (epoch, version) in waiting.items():
        content = {"aggregate": str(row.aggregate_id), "kind": row.kind, "epoch": epoch, "version": version}
        send(session, "head", content=content, to=UUID(tenant))
    return len(waiting)


def _confirmed(session: Session, aggregate: UUID) -> dict[UUID, tuple[int, int]]:
    """How far each tenant says it has come; home's own word is its progress."""
    receipts = session.scalars(select(ReceiptRow).where(ReceiptRow.aggregate_id == aggregate))
    reached = {row.party_id: (row.epoch, row.version) for row in receipts}
    own = session.get(ProgressRow, (session.context.tenant_id, aggregate))
    return reached if own is None else {**reached, own.tenant_id: own.position}


def notice_head(session: Session, home: UUID, *, document: Mapping[str, Any]) -> None:
    """Home says where it stands: ask for what is missing here, or confirm that nothing is."""
    aggregate, version = UUID(document["aggregate"]), int(document["version"])
    row = standings(session, [aggregate]).get(aggregate)
    if row is None:
        row = unknown(session, aggregate, kind=str(document["kind"]), home=home)
        session.add(row)
    if row.home_id != home:
        return
    if (int(document["epoch"]), version) > row.position:
        row.wanted_version = max(row.wanted_version, version)
        if row.status == IN_STEP:
            row.status, row.reason = HELD, f"home is at version {version}, here is version {row.version}"
        ask_for_missing(session, [row])
    report(session, [row])
