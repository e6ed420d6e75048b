"""Receipts: each party tells home how far it has come, so that home sees published, applied, waiting or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import canonical, digest, instant
from events.entry import Position
from events.envelope import Envelope, MalformedMessageError
from shared.core.calendar import read_moment
from shared.core.errors import UnavailableError
from shared.database.many import put
from shared.database.prepared import AMONG_KEYS, HERE, Prepared
from shared.database.rows import TenantRow, table_of
from shared.journal.heads import HeadRow
from shared.journal.progress import READ, Progress, ProgressRow, write_progress
from shared.journal.sending import send
from shared.journal.session import Session
from shared.keys.documents import position
from shared.replication.progress import locked_progress, progress_of

LINES = 500
"""Aggregates per receipt."""
ON_ITS_WAY = timedelta(seconds=5)
"""How long a receipt may be under way before a head that crossed it is answered with another."""


class ReceiptDocument(TenantRow):
    """At home: what a party signed, as long as it is its last word about one of the aggregates that it speaks of.

    `id` is the hash of the canonical bytes, `words` how many `ReceiptRow` name it.
    """

    __tablename__ = "receipt_documents"
    __table_args__ = {"schema": "shared"}

    id: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[bytes]
    signature: Mapped[str]
    words: Mapped[int]


class ReceiptRow(TenantRow):
    """At home: the last word of one party about one aggregate, and the signed document that says so."""

    __tablename__ = "receipts"
    __table_args__ = {"schema": "shared"}

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    version: Mapped[int]
    status: Mapped[str]
    reason: Mapped[str | None]
    applied_at: Mapped[datetime]
    document_id: Mapped[str]


def report(session: Session, rows: Iterable[Progress], *, again: bool = False) -> None:
    """Send each home of `rows` one signed receipt of what it was not told yet; `again` once more of what may be lost.

    The caller keeps what they say then (`write_progress`). A tenant whose key is not enrolled yet sends none;
    `report_unsaid` does, once it is.
    """
    here, late = session.context.tenant_id, session.clock.now() - ON_ITS_WAY
    due: dict[tuple[UUID, str], list[tuple[Progress, str]]] = {}
    for row in rows:
        reached = f"{row.epoch}.{row.version} {row.status}"
        known = row.reported == reached and row.reported_at is not None and not (again and row.reported_at <= late)
        if row.home_id != here and not known:
            due.setdefault((row.home_id, row.kind.split(".")[0]), []).append((row, reached))
    for (home, service), items in sorted(due.items()):
        for start in range(0, len(items), LINES):
            _send(session, home, service=service, items=items[start : start + LINES])


def confirm(session: Session, aggregates: Iterable[UUID]) -> None:
    """Tell each home how far this tenant has come with these aggregates, unless it knows."""
    rows = progress_of(session, aggregates).values()
    report(session, rows)
    write_progress(session, rows)


def report_unsaid(session: Session) -> None:
    """Tell every home what could not be signed before the tenant had its first key."""
    here = session.context.tenant_id
    unsaid = READ.where(ProgressRow.home_id != here, ProgressRow.reported.is_(None))
    rows = locked_progress(session, unsaid.order_by(ProgressRow.aggregate_id)).values()
    report(session, rows)
    write_progress(session, rows)


def _send(session: Session, home: UUID, *, service: str, items: Sequence[tuple[Progress, str]]) -> None:
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
    rows = {row["aggregate_id"]: row for row in (_row(session, party, line=line) for line in document["lines"])}
    kept = {row[0]: _Kept(*row) for row in THEIRS.rows(session, party=party, keys=sorted(rows))}
    # The first receipt of a party comes while home waits for it.
    new = sorted(rows.keys() - kept)
    known = {*kept, *(row[0] for row in (WAITING.rows(session, party=str(party), keys=new) if new else ()))}
    stated, here = canonical(document), session.context.tenant_id
    document_id = digest(stated)
    newer = [
        {**row, "document_id": document_id}
        for key, row in rows.items()
        if key in known and _is_news(row, kept.get(key), document_id=document_id)
    ]
    if not newer:
        return
    words = {"tenant_id": here, "id": document_id, "document": stated, "signature": signature, "words": len(newer)}
    session.write(KEEP_DOCUMENT, [words])
    session.write(KEEP, newer)
    # A document is kept as long as it is the last word about something.
    replaced = Counter(kept[row["aggregate_id"]].document_id for row in newer if row["aggregate_id"] in kept)
    for key, number in sorted(replaced.items()):
        session.run(REPLACE, here=here, key=key, number=number)
        session.run(DROP, here=here, key=key)


class _Kept(NamedTuple):
    aggregate_id: UUID
    epoch: int
    version: int
    document_id: str


THEIRS = Prepared(
    lambda: (
        select(ReceiptRow.aggregate_id, ReceiptRow.epoch, ReceiptRow.version, ReceiptRow.document_id)
        .where(ReceiptRow.party_id == bindparam("party", type_=Uuid()), ReceiptRow.aggregate_id == AMONG_KEYS)
        .order_by(ReceiptRow.aggregate_id)
        .with_for_update()
    )
)
WAITING = Prepared(
    lambda: select(HeadRow.aggregate_id).where(
        HeadRow.waiting.op("?")(bindparam("party", type_=Text())), HeadRow.aggregate_id == AMONG_KEYS
    )
)
_ONE = ReceiptDocument.tenant_id == HERE, ReceiptDocument.id == bindparam("key")
REPLACE = Prepared(
    lambda: (
        update(ReceiptDocument).where(*_ONE).values(words=ReceiptDocument.words - bindparam("number", type_=Integer()))
    )
)
DROP = Prepared(lambda: delete(ReceiptDocument).where(*_ONE, ReceiptDocument.words <= 0))
_document = upsert(table_of(ReceiptDocument))
KEEP_DOCUMENT = _document.on_conflict_do_update(
    index_elements=["tenant_id", "id"], set_={"words": ReceiptDocument.words + _document.excluded.words}
)
KEEP = put(table_of(ReceiptRow), "epoch", "version", "status", "reason", "applied_at", "document_id")


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


def _is_news(row: Mapping[str, Any], kept: _Kept | None, *, document_id: str) -> bool:
    # The same version may be told again with another status: held, then in step.
    if kept is None:
        return True
    is_same = kept.document_id == document_id
    return not is_same and Position(kept.epoch, kept.version) <= Position(row["epoch"], row["version"])
