"""Announcing: when an aggregate is quiet, home says again where it stands to whoever has not confirmed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
BATCH = 500
PATIENT = 3
"""Looks (2, 4 and 8 s apart) during which a home that is itself behind sends no heads."""


def announce_heads(session: Session) -> int:
    """Send a signed head to every tenant that has not confirmed a quiet aggregate; returns how many were sent.

    Repeated with growing pauses (2 s to 1 h) until the confirmation is here, so neither a lost entry nor a lost
    head nor a lost receipt leaves copies apart.
    """
    mine = HeadRow.tenant_id == session.context.tenant_id
    due = select(HeadRow).where(mine, HeadRow.waiting != {}, HeadRow.next_at <= session.clock.now())
    rows = session.scalars(due.order_by(HeadRow.next_at).limit(BATCH).with_for_update(skip_locked=True)).all()
    reached = _confirmed(session, [row.aggregate_id for row in rows]) if rows else {}
    return sum(_announce(session, row, reached=reached[row.aggregate_id]) for row in rows)


def _announce(session: Session, row: HeadRow, *, reached: Mapping[UUID, tuple[int, int]]) -> int:
    waiting = {tenant: at for tenant, at in row.waiting.items() if reached.get(UUID(tenant), (0, 0)) < tuple(at)}
    row.attempts += 1
    row.waiting, row.next_at = waiting, session.clock.now() + min(QUIET * 2 ** min(row.attempts, 12), LONGEST_PAUSE)
    if row.attempts <= PATIENT and str(session.context.tenant_id) in waiting:
        # Not even home's own copy has come back: the entries are on their way, and heads would only slow them down.
        return 0
    for tenant, (epoch, version) in waiting.items():
        content = {"aggregate": str(row.aggregate_id), "kind": row.kind, "epoch": epoch, "version": version}
        send(session, "head", content=content, to=UUID(tenant))
    return len(waiting)


def _confirmed(session: Session, aggregates: Sequence[UUID]) -> dict[UUID, dict[UUID, tuple[int, int]]]:
    """How far each tenant says it has come with each aggregate; home's own word is its progress."""
    reached: dict[UUID, dict[UUID, tuple[int, int]]] = {key: {} for key in aggregates}
    told = select(ReceiptRow.aggregate_id, ReceiptRow.party_id, ReceiptRow.epoch, ReceiptRow.version)
    for key, party, epoch, version in session.execute(told.where(ReceiptRow.aggregate_id.in_(aggregates))):
        reached[key][party] = epoch, version
    own = select(ProgressRow.aggregate_id, ProgressRow.tenant_id, ProgressRow.epoch, ProgressRow.version)
    for key, home, epoch, version in session.execute(own.where(ProgressRow.aggregate_id.in_(aggregates))):
        reached[key][home] = epoch, version
    return reached


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
