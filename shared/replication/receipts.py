"""Receipts: each party tells home how far it has come, so that home sees published, applied, waiting or refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import instant
from events.entry import Position
from events.envelope import Envelope, MalformedMessageError
from shared.core.calendar import read_moment
from shared.core.errors import UnavailableError
from shared.database.rows import TenantRow
from shared.journal.heads import HeadRow
from shared.journal.progress import ProgressRow
from shared.journal.sending import send
from shared.journal.session import Session
from shared.keys.documents import position

LINES = 40
"""Aggregates per receipt: home keeps the signed document beside each of them."""
ON_ITS_WAY = timedelta(seconds=5)
"""How long a receipt may be under way before a head that crossed it is answered with another."""


class ReceiptRow(TenantRow):
    """At home: the last signed word of one party about one aggregate."""

    __tablename__ = "receipts"
    __table_args__ = {"schema": "shared"}

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    version: Mapped[int]
    status: Mapped[str]
    reason: Mapped[str | None]
    applied_at: Mapped[datetime]
    document: Mapped[dict[str, Any]]
    signature: Mapped[str]


def report(session: Session, rows: Iterable[ProgressRow], *, again: bool = False) -> None:
    """Send each home of `rows` one signed receipt of what it was not told yet; `again` once more of what may be lost.

    A tenant whose key is not enrolled yet sends none; `report_unsaid` does, once it is.
    """
    here, late = session.context.tenant_id, session.clock.now() - ON_ITS_WAY
    due: dict[tuple[UUID, str], list[tuple[ProgressRow, str]]] = {}
    for row in rows:
        reached = f"{row.epoch}.{row.version} {row.status}"
        known = row.reported == reached and row.reported_at is not None and not (again and row.reported_at <= late)
        if row.home_id != here and not known:
            due.setdefault((row.home_id, row.kind.split(".")[0]), []).append((row, reached))
    for (home, service), items in sorted(due.items()):
        for start in range(0, len(items), LINES):
            _send(session, home, service=service, items=items[start : start + LINES])


def report_unsaid(session: Session) -> None:
    """Tell every home what could not be signed before the tenant had its first key."""
    here = session.context.tenant_id
    unsaid = select(ProgressRow).where(
        ProgressRow.tenant_id == here, ProgressRow.home_id != here, ProgressRow.reported.is_(None)
    )
    report(session, session.scalars(unsaid.order_by(ProgressRow.aggregate_id).with_for_update()))


def _send(session: Session, home: UUID, *, service: str, items: Sequence[tuple[ProgressRow, str]]) -> None:
    lines = [
        {
            "aggregate": str(row.aggregate_id),
            "epoch": row.epoch,
            "version": row.version,
            "entry": row.entry_hash,
            "status": row.status,
            "reason": row.reason,
            "applied_at": instant(row.applied_at),
        }
        for row, _reached in items
    ]
    try:
        send(session, "receipt", content={"to": str(home), "lines": lines}, about=service, key=home)
    except UnavailableError:
        return
    for row, reached in items:
        row.reported, row.reported_at = reached, session.clock.now()


def keep_receipt(session: Session, party: UUID, *, envelope: Envelope) -> None:
    """At home: keep what `party` says, unless something newer is known already; of what it was never told, nothing."""
    document, signature = envelope.document, envelope.signature
    if len(document["lines"]) > LINES:
        raise MalformedMessageError(f"a receipt of {len(document['lines'])} lines, at most {LINES}")
    keys = [UUID(line["aggregate"]) for line in document["lines"]]
    theirs = select(ReceiptRow).where(ReceiptRow.party_id == party, ReceiptRow.aggregate_id.in_(keys))
    kept = {row.aggregate_id: row for row in session.scalars(theirs)}
    # The first receipt of a party comes while home waits for it.
    waits = HeadRow.waiting.op("?")(str(party)), HeadRow.aggregate_id.in_(set(keys) - set(kept))
    known = {*kept, *session.scalars(select(HeadRow.aggregate_id).where(*waits))}
    rows = [_row(session, party, line=line) for line in document["lines"]]
    newer = [row for row in rows if row["aggregate_id"] in known and _is_news(row, kept.get(row["aggregate_id"]))]
    if newer:
        statement = upsert(ReceiptRow)
        names = ("epoch", "version", "status", "reason", "applied_at", "document", "signature")
        changed = {name: statement.excluded[name] for name in names}
        unique = ["tenant_id", "aggregate_id", "party_id"]
        signed_rows = [{**row, "document": dict(document), "signature": signature} for row in newer]
        session.execute(statement.on_conflict_do_update(index_elements=unique, set_=changed), signed_rows)


def _row(session: Session, party: UUID, *, line: Mapping[str, Any]) -> dict[str, Any]:
    at = position(line)
    return {
        "tenant_id": session.context.tenant_id,
        "aggregate_id": UUID(line["aggregate"]),
        "party_id": party,
        "epoch": at.epoch,
        "version": at.version,
        "status": str(line["status"]),
        "reason": None if line["reason"] is None else str(line["reason"])[:2000],
        "applied_at": read_moment(line["applied_at"]),
    }


def _is_news(row: Mapping[str, Any], kept: ReceiptRow | None) -> bool:
    # The same version may be told again with another status: held, then in step.
    return kept is None or Position(kept.epoch, kept.version) <= Position(row["epoch"], row["version"])
