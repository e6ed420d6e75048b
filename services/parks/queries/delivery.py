"""How far each party has come with a park and its agreements: home knows of all, a party of itself alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.parks.domain.delivery import delivery_status, lag
from services.parks.models import Agreement, Park
from shared.db import Session
from shared.journal import JournalRow
from shared.model import Aggregate
from shared.progress import ProgressRow
from shared.receipts import ReceiptRow

RECENT = 10
"""Versions shown per aggregate."""
REVISIONS = 5
"""Revisions of the agreement shown, newest first."""

ALL = {
    "zh": "本辖区为主办方,以下为各参与方的回执。",
    "en": "This tenant is home: these are the receipts of all parties.",
}


@dataclass(frozen=True)
class _Reached:
    """How far a party says it has come; `wanted` is the newest version that is known of."""

    tenant: UUID
    position: tuple[int, int] | None
    wanted: tuple[int, int]
    standing: str = "waiting"
    reason: str | None = None
    applied_at: datetime | None = None

    def status(self, wanted: tuple[int, int]) -> str:
        return delivery_status(wanted, reached=self.position, standing=self.standing)

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


def delivery(session: Session, park_id: UUID) -> dict[str, Any]:
    """The park first, then the newest revisions of its agreement; raises `NotFoundError`."""
    park = session.one(Park, park_id)
    newest = select(Agreement).where(Agreement.park_id == park_id).order_by(Agreement.revision.desc()).limit(REVISIONS)
    rows: list[Park | Agreement] = [park, *session.scalars(newest)]
    at_home = park.home_id == session.context.tenant_id
    reached = _receipts(session, rows) if at_home else _own_progress(session, rows)
    entries = _recent(session, rows)
    return {
        "home": park.home_id,
        "complete": at_home,
        "note": ALL if at_home else _elsewhere(session, park.home_id),
        "aggregates": [_aggregate(row, reached[row.id], entries=entries.get(row.id, [])) for row in rows],
    }


def _elsewhere(session: Session, home: UUID) -> dict[str, str]:
    listing = session.directory.listing(session, home)
    name = listing.code if listing else str(home)
    return {
        "zh": f"此处仅显示本辖区的进度。各参与方的进度请在主办方({name})的同一页面查看。",
        "en": f"This shows your own tenant's progress only. For all parties, see the same page at home ({name}).",
    }


def _aggregate(row: Park | Agreement, reached: Sequence[_Reached], *, entries: Sequence[JournalRow]) -> dict[str, Any]:
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
                    {"tenant": party.tenant, "status": party.status((entry.epoch, entry.version))} for party in reached
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
    reached = receipt.epoch, receipt.version
    return _Reached(party, reached, row.position, receipt.status, receipt.reason, receipt.applied_at)


def _own_progress(session: Session, rows: Sequence[Aggregate]) -> Mapping[UUID, list[_Reached]]:
    """At a party: its own standing, against the newest version it has heard of."""
    own = select(ProgressRow).where(ProgressRow.aggregate_id.in_([row.id for row in rows]))
    progress = {row.aggregate_id: row for row in session.scalars(own)}
    return {row.id: [_progress(session, row, progress=progress.get(row.id))] for row in rows}


def _progress(session: Session, row: Aggregate, *, progress: ProgressRow | None) -> _Reached:
    party = session.context.tenant_id
    if progress is None:
        return _Reached(party, row.position, row.position, applied_at=row.updated_at)
    wanted = max(progress.position, (progress.epoch, progress.wanted_version))
    return _Reached(party, progress.position, wanted, progress.status, progress.reason, progress.applied_at)


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
