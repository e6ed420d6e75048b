"""Manifests: a home tells every cell, by number and hash, which entries it broadcast, so that none is missed unnoticed.

An entry's transaction only notes that it was broadcast. Numbers are given afterwards, in one place, so that nothing is
locked by which broadcasts would wait for each other, and no number is lost by what was rolled back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from events.canonical import digest, instant
from shared.broadcasts.cells import send_to_cell, sent_at
from shared.journal.broadcasts import BroadcastLog, BroadcastRow
from shared.journal.entries import JournalRow, entry_envelope, read_entry, texts_of
from shared.journal.outbox import Message, enqueue
from shared.journal.session import Session

MOST_LINES = 2000
"""Lines of one manifest, some 300 KB."""
MOST_MANIFESTS = 5
"""Manifests in answer to one question."""
MOST_RESENT = 1000
"""Entries told again in answer to one question."""
MOST_ROUNDS = 50
LEAST_PAUSE = timedelta(milliseconds=500)
"""Between two answers to the same cell: what it asks in between it asks again."""


class Line(NamedTuple):
    """One entry as a manifest names it."""

    kind: str
    aggregate: UUID
    epoch: int
    version: int
    hash: str

    def after(self, chain: str) -> str:
        """The hash over everything up to this line."""
        return digest(f"{chain} {self.kind} {self.aggregate} {self.epoch} {self.version} {self.hash}".encode())


def number_broadcasts(session: Session) -> tuple[int, str] | None:
    """Number what waits and tell every cell of it; returns how many there are and the hash over them.

    Whatever was committed before this began is among them; None where more waits than one transaction should number.
    """
    log = _locked_log(session)
    for _round in range(MOST_ROUNDS):
        lines = _lines(session, BroadcastRow.position.is_(None))
        if lines:
            first, previous, log.numbered_at = log.position + 1, log.chain, session.clock.now()
            numbered = []
            for line in lines:
                log.position, log.chain = log.position + 1, line.after(log.chain)
                key = {"tenant_id": session.context.tenant_id, "aggregate_id": line.aggregate, "epoch": line.epoch}
                numbered.append({**key, "version": line.version, "position": log.position, "chain": log.chain})
            session.execute(update(BroadcastRow), numbered)
            for cell in session.directory.all_cells(session):
                _send_manifest(session, cell, first=first, previous=previous, lines=lines)
        if len(lines) < MOST_LINES:
            return log.position, log.chain
    return None


def _locked_log(session: Session) -> BroadcastLog:
    mine = select(BroadcastLog).where(BroadcastLog.tenant_id == session.context.tenant_id).with_for_update()
    row = session.scalars(mine).one_or_none()
    if row is None:
        empty = {"position": 0, "chain": "", "told": {}, "numbered_at": session.clock.now()}
        new = {"tenant_id": session.context.tenant_id, **empty}
        session.execute(upsert(BroadcastLog).values(new).on_conflict_do_nothing())
        row = session.scalars(mine).one()
    return row


def _lines(session: Session, *which: Any) -> list[Line]:
    """At most as many as a manifest has, in their order, or in that of the journal where they have none yet."""
    row, kept = BroadcastRow, JournalRow
    same = tuple_(kept.tenant_id, kept.aggregate_id, kept.epoch, kept.version) == tuple_(
        row.tenant_id, row.aggregate_id, row.epoch, row.version
    )
    entry_hash = func.encode(func.sha256(kept.entry), "hex")
    found = select(kept.kind, row.aggregate_id, row.epoch, row.version, entry_hash).join(kept, same)
    mine = found.where(row.tenant_id == session.context.tenant_id, *which)
    order = row.position, kept.recorded_at, row.aggregate_id, row.epoch, row.version
    return [Line(*one) for one in session.execute(mine.order_by(*order).limit(MOST_LINES))]


def _send_manifest(session: Session, cell: str, *, first: int, previous: str, lines: Sequence[Line]) -> None:
    home = session.context.tenant_id
    told = [[line.kind, str(line.aggregate), line.epoch, line.version, line.hash] for line in lines]
    content = {"home": str(home), "first": first, "previous": previous, "lines": told}
    send_to_cell(session, "manifest", to=cell, content=content, key=home)


def answer_cell(session: Session, cell: str, *, document: Mapping[str, Any]) -> int:
    """At home: tell `cell` again which entries there are after a position, and those entries that it names.

    Only what was broadcast, and not more often than the pause allows. Returns how many messages that took.
    """
    log = _locked_log(session)
    if not _is_turn(log, cell, now=session.clock.now()):
        return 0
    log.told = {**log.told, cell: instant(session.clock.now())}
    told = 0
    if document["after"] is not None:
        told += _send_lines(session, cell, after=int(document["after"]))
    wanted = [(UUID(key), int(epoch), int(version)) for key, epoch, version in document["entries"][:MOST_RESENT]]
    if wanted:
        told += _send_entries(session, cell, wanted=wanted)
    return told


def _is_turn(log: BroadcastLog, cell: str, *, now: datetime) -> bool:
    before = log.told.get(cell)
    return before is None or abs(now - sent_at({"at": before})) >= LEAST_PAUSE


def _send_lines(session: Session, cell: str, *, after: int) -> int:
    for manifest in range(MOST_MANIFESTS):
        lines = _lines(session, BroadcastRow.position > after)
        if not lines:
            return manifest
        _send_manifest(session, cell, first=after + 1, previous=_chain_at(session, after), lines=lines)
        after += len(lines)
    return MOST_MANIFESTS


def _chain_at(session: Session, position: int) -> str:
    at = BroadcastRow.tenant_id == session.context.tenant_id, BroadcastRow.position == position
    return session.scalar(select(BroadcastRow.chain).where(*at)) or ""


def _send_entries(session: Session, cell: str, *, wanted: Sequence[tuple[UUID, int, int]]) -> int:
    row, kept = BroadcastRow, JournalRow
    key = tuple_(row.tenant_id, row.aggregate_id, row.epoch, row.version)
    broadcast = select(kept).join(row, key == tuple_(kept.tenant_id, kept.aggregate_id, kept.epoch, kept.version))
    mine = row.tenant_id == session.context.tenant_id, tuple_(row.aggregate_id, row.epoch, row.version).in_(wanted)
    found = session.scalars(broadcast.where(*mine).order_by(kept.aggregate_id, kept.epoch, kept.version)).all()
    for item in found:
        entry = read_entry(item)
        # Texts are for the audience alone, and would be missed for ever by one that heard the entry without them.
        listings = [session.directory.listing(session, tenant) for tenant in entry.audience]
        theirs = any(one is not None and one.cell == cell for one in listings)
        texts = texts_of(session, [(entry.aggregate, entry.change)])[0] if theirs else {}
        envelope = entry_envelope(entry, item.signature, state=item.state, texts=texts, session=session)
        enqueue(session, Message(envelope, [cell], item.kind, entry.aggregate))
    return len(found)
