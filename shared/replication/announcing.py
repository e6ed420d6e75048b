"""Announcing: when an aggregate is quiet, home says again where it stands to whoever has not confirmed it.

One head names many aggregates, for a backlog must not breed more messages than it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kafka.partitioner.default import murmur2
from sqlalchemy import select

from events.entry import NOWHERE, Position
from events.envelope import Envelope, MalformedMessageError
from shared.core.pauses import growing
from shared.database.rows import AGGREGATES
from shared.journal.heads import QUIET, HeadRow
from shared.journal.outbox import topic_name
from shared.journal.progress import HELD, IN_STEP, Progress, unknown, write_progress
from shared.journal.sending import send
from shared.journal.session import Session
from shared.journal.unsent import unsent_topics
from shared.keys.documents import position
from shared.replication.progress import progress_of
from shared.replication.receipts import ReceiptRow, report
from shared.replication.resync import ask_for_missing, may_wait_for_more

LONGEST_PAUSE = timedelta(hours=1)
BATCH = 500
LINES = 200
"""Aggregates per head."""
PATIENT = 3
"""Looks (2, 4 and 8 s apart) at which nothing is said of what this cell may still have to read, whatever the sign."""
Lane = tuple[UUID, str, int]
"""To whom, of which service, in which partition: there a head stands behind the entries it speaks of."""


def announce_heads(session: Session, *, read_until: datetime | None = None) -> int:
    """Tell every tenant that has not confirmed quiet aggregates where they stand; returns how many messages that took.

    Repeated with growing pauses (2 s to 1 h) until the confirmation is here, so neither a lost entry nor a lost
    head nor a lost receipt leaves copies apart. Nothing is said of entries that are still to be relayed, nor, at the
    first looks, of those sent after `read_until`, the moment up to which this cell has read what it was sent (None
    where nothing tells): they or their receipts are on their way, and heads would only slow them down.
    """
    mine = HeadRow.tenant_id == session.context.tenant_id
    due = select(HeadRow).where(mine, HeadRow.waiting != {}, HeadRow.next_at <= session.clock.now())
    rows = session.scalars(due.order_by(HeadRow.next_at).limit(BATCH).with_for_update(skip_locked=True)).all()
    reached = _confirmed(session, [row.aggregate_id for row in rows]) if rows else {}
    lines: dict[Lane, list[dict[str, Any]]] = {}
    unsent = unsent_topics(session) if rows else set()
    for row in rows:
        is_behind = read_until is not None and _sent_at(row) > read_until
        told = _told(session, row, reached=reached[row.aggregate_id], unsent=unsent)
        if is_behind and row.attempts <= PATIENT:
            continue
        for tenant, at in told.items():
            lane = tenant, row.kind.split(".")[0], lane_of(row.aggregate_id, session.settings.kafka.partitions)
            line = {"aggregate": str(row.aggregate_id), "kind": row.kind, "epoch": at.epoch, "version": at.version}
            lines.setdefault(lane, []).append(line)
    return sum(_send(session, lane, lines=items) for lane, items in lines.items())


def _sent_at(row: HeadRow) -> datetime:
    """No later than what this row speaks of left: its pauses began when that was written, or was found unsent."""
    pauses = (growing(number, first=QUIET, longest=LONGEST_PAUSE) for number in range(1, row.attempts + 2))
    return row.next_at - sum(pauses, timedelta())


def _told(
    session: Session, row: HeadRow, *, reached: Mapping[UUID, Position], unsent: set[str]
) -> dict[UUID, Position]:
    """Who is to be told of this aggregate now, and which position; the row moves on to its next time."""
    here = str(session.context.tenant_id)
    given = {UUID(tenant): Position(*at) for tenant, at in row.waiting.items() if tenant != here}
    waiting = {tenant: at for tenant, at in given.items() if reached.get(tenant, NOWHERE) < at}
    row.waiting = {str(tenant): list(at) for tenant, at in waiting.items()}
    reachable = _reachable(session, waiting, row=row, unsent=unsent)
    if waiting and not reachable:
        row.next_at = session.clock.now() + QUIET
        return {}
    row.attempts += 1
    row.next_at = session.clock.now() + growing(row.attempts + 1, first=QUIET, longest=LONGEST_PAUSE)
    return {tenant: waiting[tenant] for tenant in reachable}


def _reachable(session: Session, tenants: Iterable[UUID], *, row: HeadRow, unsent: set[str]) -> list[UUID]:
    """Those for whose cell nothing waits: one that is cut off keeps no head from the others."""
    service, found = row.kind.split(".")[0], session.directory.listings(session, tenants)
    topics = {tenant: topic_name(listing.cell, service, kind="events") for tenant, listing in found.items()}
    return sorted(tenant for tenant, topic in topics.items() if topic not in unsent)


def _send(session: Session, lane: Lane, *, lines: Sequence[Mapping[str, Any]]) -> int:
    tenant, service, _partition = lane
    parts = [lines[start : start + LINES] for start in range(0, len(lines), LINES)]
    for part in parts:
        content = {"to": str(tenant), "lines": [dict(line) for line in part]}
        send(session, "head", content=content, about=service, key=UUID(part[0]["aggregate"]))
    return len(parts)


def _confirmed(session: Session, aggregates: Sequence[UUID]) -> dict[UUID, dict[UUID, Position]]:
    """How far each tenant says it has come with each aggregate."""
    reached: dict[UUID, dict[UUID, Position]] = {key: {} for key in aggregates}
    told = select(ReceiptRow.aggregate_id, ReceiptRow.party_id, ReceiptRow.epoch, ReceiptRow.version)
    for key, party, epoch, version in session.execute(told.where(ReceiptRow.aggregate_id.in_(aggregates))):
        reached[key][party] = Position(epoch, version)
    return reached


def notice_heads(session: Session, home: UUID, *, envelope: Envelope) -> None:
    """Home says where it stands: ask for what is missing here, or confirm that nothing is."""
    document = envelope.document
    lines = {UUID(line["aggregate"]): line for line in document["lines"]}
    if len(document["lines"]) > LINES:
        raise MalformedMessageError(f"a head of {len(document['lines'])} lines, at most {LINES}")
    rows = progress_of(session, lines)
    # A kind newer than this code is heard of by its entries; home says it again to whoever comes to know it.
    unheard = [key for key in sorted(lines) if key not in rows and lines[key]["kind"] in AGGREGATES]
    if not rows and not unheard:
        raise MalformedMessageError(f"no such kind here: {document['lines'][0]['kind'][:100]!r}")
    begun = unheard[: may_wait_for_more(session, home) if unheard else 0]
    rows |= {key: unknown(session, key, kind=str(lines[key]["kind"]), home=home) for key in begun}
    theirs = [row for row in rows.values() if row.home_id == home]
    for row in theirs:
        _compare(row, position(lines[row.aggregate_id]), now=session.clock.now())
    ask_for_missing(session, theirs)
    report(session, theirs, again=True)
    write_progress(session, theirs, begun=begun)


def _compare(row: Progress, told: Position, *, now: datetime) -> None:
    if told <= row.position:
        return
    row.wanted_version = max(row.wanted_version, told.version)
    if row.version > 0:
        # Home lives: what it did not answer before says nothing about now.
        row.asks = 0
        row.ask_at = None
    if row.status == IN_STEP:
        row.wait(HELD, f"home is at version {told.version}, here is version {row.version}", now=now)


def lane_of(key: UUID, partitions: int) -> int:
    """The partition in which a message with this key lies, as every Kafka client counts by default."""
    return int((murmur2(str(key).encode()) & 0x7FFFFFFF) % partitions)
