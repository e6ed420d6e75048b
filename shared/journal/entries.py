"""The journal: for every version of an aggregate one signed entry that names the hash of the one before."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json, canonical, digest, instant
from events.catalog import Change, Texts
from events.entry import Entry, aggregate_id
from events.envelope import Envelope
from events.text import FreeText
from shared.core.errors import InvalidError
from shared.database.rows import Aggregate, TenantRow, state_of, table_of
from shared.database.session import TenantSession
from shared.journal.broadcasts import note_broadcasts
from shared.journal.heads import note_heads
from shared.journal.outbox import enqueue, topic_name
from shared.journal.progress import note_own_progress
from shared.journal.reactions import listening, note_reactions
from shared.journal.work import keep_work
from shared.keys.directory import Directory
from shared.keys.keyring import Signer

A = TypeVar("A", bound=Aggregate)
LARGEST_STATE = 64 * 1024
"""Bytes: what grows without bound is an aggregate of its own."""


class JournalRow(TenantRow):
    """One entry: `entry` holds the canonical bytes, the same at home and at every party."""

    __tablename__ = "journal"
    __table_args__ = {"schema": "shared"}

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    type: Mapped[str]
    entry: Mapped[bytes]
    signature: Mapped[str]
    state: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]


class TextRow(TenantRow):
    """A free text that entries name by its salted hash; deleting the row erases it and breaks no signature."""

    __tablename__ = "texts"
    __table_args__ = {"schema": "shared"}

    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    salt: Mapped[str]


KEEP = insert(table_of(JournalRow))
KEEP_TEXTS = upsert(table_of(TextRow)).on_conflict_do_nothing()


@dataclass(frozen=True)
class Publication:
    """A change of a row that is to be recorded; `before` are its parties until now."""

    row: Aggregate
    change: Change
    before: Sequence[UUID]


def born(session: TenantSession, kind: type[A], *, parties: Sequence[UUID], nonce: str | None) -> A:
    """An aggregate before its first entry; its id commits to home and nonce."""
    nonce = nonce or secrets.token_hex(16)
    home = session.context.tenant_id
    now = session.clock.now()
    row = kind(
        tenant_id=home, id=aggregate_id(home, nonce), home_id=home, epoch=1, version=0, entry_hash="",
        party_ids=sorted(parties), created_at=now, updated_at=now,
    )  # fmt: skip
    session.info.setdefault("nonces", {})[row.id] = nonce
    return row


def record_all(
    session: TenantSession,
    publications: Sequence[Publication],
    *,
    directory: Directory,
    signer: Signer,
) -> list[dict[str, Json]]:
    """Advance each row by one version with a signed entry, in journal and outbox; returns their states.

    Raises `InvalidError` when a state is too large.
    """
    made = [
        _advance(session, item, staying=directory.staying(session, item.row.party_ids), key=signer.key)
        for item in publications
    ]
    session.add_all([item.row for item in publications])
    session.flush()
    messages, journalled = [], []
    for item, (entry, state) in zip(publications, made, strict=True):
        row, change = item.row, item.change
        signature = signer.sign_bytes(entry.canonical)
        journalled.append((entry, signature, state))
        envelope = entry_envelope(entry, signature, state=state, texts=change.texts(), session=session)
        messages += [
            (topics, told, row.id)
            for topics, told in _addressed(session, row, entry=entry, envelope=envelope, directory=directory)
        ]
        keep_texts(session, row.id, texts=change.texts())
    keep(session, journalled)
    enqueue(session, *messages)
    written = [entry for entry, _state in made]
    note_own_progress(session, written)
    note_reactions(session, written)
    note_heads(session, written)
    if broadcast := [entry for item, entry in zip(publications, written, strict=True) if item.row.register]:
        note_broadcasts(session, broadcast)
    keep_work(session, [item.row for item in publications])
    return [state for _entry, state in made]


def _advance(session: TenantSession, item: Publication, *, staying: Sequence[UUID], key: str) -> tuple[Entry, Any]:
    row = item.row
    if row.home_id != session.context.tenant_id:
        raise RuntimeError(f"{row.kind} {row.id} is written outside its home")
    row.version += 1
    row.updated_at = session.clock.now()
    if len(staying) < len(row.party_ids):
        # Told once more, by the entry that names it as having left, and addressed no longer.
        row.party_ids = [tenant for tenant in row.party_ids if tenant in staying or tenant == row.home_id]
    state = state_of(row)
    state_hash = digest(_bounded(canonical(state)))
    entry = _entry(session, item, state_hash=state_hash, key=key)
    row.entry_hash = entry.hash
    return entry, state


def _bounded(stated: bytes) -> bytes:
    if len(stated) > LARGEST_STATE:
        raise InvalidError(
            "state_too_large",
            f"内容过大({len(stated)} 字节,上限 {LARGEST_STATE})。请缩短,或把长文放入附件。",
            f"This is too large ({len(stated)} bytes, at most {LARGEST_STATE}). Shorten it, or attach long texts.",
        )
    return stated


def _entry(session: TenantSession, item: Publication, *, state_hash: str, key: str) -> Entry:
    row, change = item.row, item.change
    parties, earlier = set(row.party_ids), set(item.before)
    joined = tuple(sorted(parties - earlier))
    return Entry(
        aggregate=row.id,
        aggregate_type=row.kind,
        home=row.home_id,
        epoch=row.epoch,
        version=row.version,
        type=change.type,
        change=change.document(),
        state_version=row.state_version,
        state_hash=state_hash,
        previous=row.entry_hash or None,
        nonce=_nonce(session, row) if joined or row.register else None,
        parties=tuple(sorted(parties)),
        joined=joined,
        left=tuple(sorted(earlier - parties)),
        actor=session.context.actor,
        command=session.context.command,
        occurred_at=row.updated_at,
        key=key,
    )


def _nonce(session: TenantSession, row: Aggregate) -> str:
    """What the aggregate's id was made from: known since `born`, or from the first entry."""
    known: str | None = session.info.get("nonces", {}).get(row.id)
    if known is None:
        first = session.get_one(JournalRow, (row.tenant_id, row.id, 1, 1))
        known = str(json.loads(first.entry)["nonce"])
    return known


def _addressed(
    session: TenantSession, row: Aggregate, *, entry: Entry, envelope: Envelope, directory: Directory
) -> list[tuple[set[str], Envelope]]:
    """Topics and what goes there: a broadcast reaches every cell, its texts only those of the audience.

    Home has what it wrote: its cell is told where another party lives there, or a handler waits to be woken.
    """
    if row.register is None:
        readers = entry.audience if listening(entry, entry.home) else entry.audience - {entry.home}
        return [(_topics(row, directory.cells(session, readers)), envelope)]
    cells = directory.all_cells(session)
    if not envelope.texts:
        return [(_topics(row, cells), envelope)]
    # A tenant that was made this moment may not be listed yet.
    listings = [directory.listing(session, tenant) for tenant in entry.audience]
    theirs = {listing.cell for listing in listings if listing is not None}
    return [(_topics(row, theirs), envelope), (_topics(row, cells - theirs), replace(envelope, texts={}))]


def _topics(row: Aggregate, cells: Iterable[str]) -> set[str]:
    service = row.kind.split(".")[0]
    return {topic_name(cell, service, kind="events") for cell in cells}


def entry_envelope(entry: Entry, signature: str, *, state: Any, texts: Texts, session: TenantSession) -> Envelope:
    """The entry as it travels."""
    return Envelope(
        kind="entry",
        document=entry.document,
        signature=signature,
        source=entry.home,
        type=entry.type,
        subject=str(entry.aggregate),
        time=instant(entry.occurred_at),
        state=state,
        texts=dict(texts),
        trace=session.context.trace,
        correlation=session.context.correlation,
    )


def read_entry(item: JournalRow) -> Entry:
    """The entry a journal row holds."""
    return Entry.parse(json.loads(item.entry))


def texts_of(session: TenantSession, entry: Entry) -> dict[str, FreeText]:
    """The texts this entry names by hash, as far as they are kept."""
    rows = session.scalars(select(TextRow).where(TextRow.aggregate_id == entry.aggregate))
    named = canonical(entry.change)
    return {row.digest: FreeText(row.text, row.salt) for row in rows if row.digest.encode() in named}


def keep(session: TenantSession, entries: Sequence[tuple[Entry, str, Any]]) -> None:
    """Write verified entries (with signature and state) into the session tenant's journal; known ones stay."""
    now = session.clock.now()
    rows = [
        {
            "tenant_id": session.context.tenant_id,
            "aggregate_id": entry.aggregate,
            "epoch": entry.epoch,
            "version": entry.version,
            "kind": entry.aggregate_type,
            "type": entry.type,
            "entry": entry.canonical,
            "signature": signature,
            "state": state,
            "occurred_at": entry.occurred_at,
            "recorded_at": now,
        }
        for entry, signature, state in entries
    ]
    session.write(KEEP, rows)


def keep_texts(session: TenantSession, aggregate: UUID, *, texts: Texts) -> None:
    """Keep the texts that belong to an aggregate's entries."""
    rows = [
        {
            "tenant_id": session.context.tenant_id,
            "aggregate_id": aggregate,
            "digest": key,
            "text": text.text,
            "salt": text.salt,
        }
        for key, text in texts.items()
    ]
    session.write(KEEP_TEXTS, rows)
