"""How far each party has come with a thing's aggregates: home knows of all, a party of itself alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from events.entry import Position
from shared.database.pages import Order
from shared.database.rows import Aggregate
from shared.journal.entries import JournalRow
from shared.journal.progress import ProgressRow
from shared.journal.session import Session
from shared.replication.receipts import ReceiptRow

STATUSES = ("applied", "waiting", "held", "parked")
MOST = 6
"""Aggregates shown: the thing itself and its newest parts."""
RECENT = 10
"""Versions shown per aggregate."""

ALL = {
    "zh": "本辖区为主办方,以下为各参与方的回执。",
    "en": "This tenant is home: these are the receipts of all parties.",
}


def delivery_status(wanted: Position, *, reached: Position | None, state: str) -> str:
    """What became of the version `wanted` at a party that last said it `reached` one and how it stands."""
    if reached is not None and reached >= wanted:
        return "applied"
    return state if state in ("held", "parked") else "waiting"


def lag(wanted: Position, *, reached: Position | None) -> int:
    """How many versions a party lacks; after a restore (a new epoch) all of them."""
    if reached is None or reached.epoch < wanted.epoch:
        return wanted.version
    return max(wanted.version - reached.version, 0)


@dataclass(frozen=True)
class _Reached:
    """How far a party says it has come; `wanted` is the newest version that is known of."""

    tenant: UUID
    position: Position | None
    wanted: Position
    state: str = "waiting"
    reason: str | None = None
    applied_at: datetime | None = None

    def status(self, wanted: Position) -> str:
        return delivery_status(wanted, reached=self.position, state=self.state)

    def shown(self) -> dict[str, Any]:
        epoch, version = self.position or (None, None)
        return {
            "tenant": self.tenant,
            "status": self.status(self.wanted),
            "epoch": epoch,
            "version": version,
            "lag": lag(self.wanted, reached=self.position),
            "reason": self.reason,
            "applied_at": self.applied_at,
        }


def delivery(session: Session, rows: Sequence[Aggregate]) -> dict[str, Any]:
    """The first rows of a history, the thing itself and then its newest parts; each may have a home of its own."""
    thing, rows = rows[0], rows[:MOST]
    ours = [row for row in rows if row.home_id == session.context.tenant_id]
    others = [row for row in rows if row.home_id != session.context.tenant_id]
    reached = {**_receipts(session, ours), **_own_progress(session, others)}
    entries = _recent(session, rows)
    return {
        "home": thing.home_id,
        "complete": not others,
        "note": _elsewhere(session, others[0].home_id) if others else ALL,
        "aggregates": [_aggregate(row, reached[row.id], entries=entries.get(row.id, [])) for row in rows],
    }


def _elsewhere(session: Session, home: UUID) -> dict[str, str]:
    listing = session.directory.listing(session, home)
    zh, en = (listing.name_zh, listing.name_en) if listing else ("主办方", "home")
    return {
        "zh": f"此处仅显示本辖区的进度。各参与方的进度,由主办方({zh})在同一页面查看。",
        "en": f"This shows your own tenant's progress only; home ({en}) sees that of all parties on the same page.",
    }


def _aggregate(row: Aggregate, reached: Sequence[_Reached], *, entries: Sequence[JournalRow]) -> dict[str, Any]:
    return {
        "aggregate": row.id,
        "kind": type(row).kind,
        "revision": getattr(row, "revision", None),
        "epoch": row.epoch,
        "version": row.version,
        "parties": [party.shown() for party in reached],
        "recent": [
            {
                "version": entry.version,
                "epoch": entry.epoch,
                "type": entry.type,
                "at": entry.occurred_at,
                "parties": [
                    {"tenant": party.tenant, "status": party.status(Position(entry.epoch, entry.version))}
                    for party in reached
                ],
            }
            for entry in entries
        ],
    }


def _receipts(session: Session, rows: Sequence[Aggregate]) -> Mapping[UUID, list[_Reached]]:
    """At home: the last receipt of each party; home itself has every version by writing it."""
    given = select(ReceiptRow).where(ReceiptRow.aggregate_id.in_([row.id for row in rows]))
    receipts = {(row.aggregate_id, row.party_id): row for row in session.scalars(given)}
    return {
        row.id: [_receipt(row, party, receipt=receipts.get((row.id, party))) for party in row.party_ids] for row in rows
    }


def _receipt(row: Aggregate, party: UUID, *, receipt: ReceiptRow | None) -> _Reached:
    if party == row.home_id:
        return _Reached(party, row.position, row.position, applied_at=row.updated_at)
    if receipt is None:
        return _Reached(party, None, row.position)
    reached = Position(receipt.epoch, receipt.version)
    return _Reached(party, reached, row.position, receipt.status, receipt.reason, receipt.applied_at)


def _own_progress(session: Session, rows: Sequence[Aggregate]) -> Mapping[UUID, list[_Reached]]:
    """At a party: its own progress, against the newest version it has heard of."""
    own = select(ProgressRow).where(ProgressRow.aggregate_id.in_([row.id for row in rows]))
    progress = {row.aggregate_id: row for row in session.scalars(own)}
    return {row.id: [_progress(session, row, progress=progress.get(row.id))] for row in rows}


def _progress(session: Session, row: Aggregate, *, progress: ProgressRow | None) -> _Reached:
    party = session.context.tenant_id
    if progress is None:
        return _Reached(party, row.position, row.position, applied_at=row.updated_at)
    reached = Position(progress.epoch, progress.version)
    wanted = max(reached, Position(progress.epoch, progress.wanted_version))
    return _Reached(party, reached, wanted, progress.status, progress.reason, progress.applied_at)


def _recent(session: Session, rows: Sequence[Aggregate]) -> dict[UUID, list[JournalRow]]:
    """The newest entries of each aggregate, newest first, in one query."""
    position = JournalRow.epoch.desc(), JournalRow.version.desc()
    rank = func.row_number().over(partition_by=JournalRow.aggregate_id, order_by=position).label("rank")
    ranked = select(JournalRow.aggregate_id, JournalRow.epoch, JournalRow.version, rank)
    newest = ranked.where(JournalRow.aggregate_id.in_([row.id for row in rows])).subquery()
    same = (
        (JournalRow.aggregate_id == newest.c.aggregate_id)
        & (JournalRow.epoch == newest.c.epoch)
        & (JournalRow.version == newest.c.version)
    )
    query = select(JournalRow).join(newest, same).where(newest.c.rank <= RECENT).order_by(*position)
    found: dict[UUID, list[JournalRow]] = {}
    for entry in session.scalars(query):
        found.setdefault(entry.aggregate_id, []).append(entry)
    return found


def order_of(kind: type[Aggregate], *names: str, default: str = "-created_at") -> Order:
    """That of aggregates: by the moments of creation and change, and by these columns."""

    def changed(since: datetime) -> ColumnElement[bool]:
        # What came late from its home has changed here when it came, whatever its home's clock said.
        received = select(ProgressRow.aggregate_id).where(ProgressRow.applied_at >= since)
        return or_(kind.updated_at >= since, kind.id.in_(received))

    columns = {name: getattr(kind, name) for name in ("created_at", "updated_at", *names)}
    return Order(columns, default, (kind.id,), changed)
