"""The journal: for every version of an aggregate one signed entry that names the hash of the one before."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json, canonical, digest, instant
from events.catalog import Change, Texts
from events.entry import Entry, aggregate_id
from events.envelope import Envelope
from shared.broadcasts import note_broadcasts
from shared.errors import InvalidError
from shared.heads import note_heads
from shared.model import Aggregate, TenantRow, state_of, table_of
from shared.outbox import enqueue_all, topic_name
from shared.work import keep_work

if TYPE_CHECKING:
    from shared.db import Session

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


def state_hash(row: Aggregate) -> str:
    """Hex SHA-256 of the RFC 8785 bytes of the state document."""
    return hash_of(state_of(row))


def hash_of(state: Mapping[str, Json]) -> str:
    """The same of a state document."""
    return digest(canonical(state))


def born(session: Session, kind: type[A], *, parties: Sequence[UUID], nonce: str | None) -> A:
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


def record_all(session: Session, changes: Sequence[tuple[Aggregate, Change, Sequence[UUID]]]) -> list[str]:
    """Advance each row by one version with a signed entry, in journal and outbox; returns the hashes of their states.

    Beside row and change stand the parties before it. Raises `InvalidError` when a state is too large.
    """
    made = [_advance(session, row, change=change, before=before) for row, change, before in changes]
    session.add_all([row for row, _change, _before in changes])
    session.flush()
    signer = session.keyring.signer(session)
    messages, journalled = [], []
    for (row, change, _before), (entry, state) in zip(changes, made, strict=True):
        signature = signer.sign_bytes(entry.canonical)
        journalled.append((entry, signature, state))
        envelope = entry_envelope(entry, signature, state=state, texts=change.texts(), session=session)
        messages += [
            (topics, told, row.id) for topics, told in _addressed(session, row, entry=entry, envelope=envelope)
        ]
        keep_texts(session, row.id, texts=change.texts())
    keep(session, journalled)
    enqueue_all(session, messages)
    note_heads(session, [entry for entry, _state in made])
    note_broadcasts(
        session, [entry for (row, *_rest), (entry, _state) in zip(changes, made, strict=True) if row.register]
    )
    keep_work(session, [row for row, *_rest in changes])
    return [entry.state_hash for entry, _state in made]


def _advance(session: Session, row: Aggregate, *, change: Change, before: Sequence[UUID]) -> tuple[Entry, Any]:
    if row.home_id != session.context.tenant_id:
        raise RuntimeError(f"{row.kind} {row.id} is written outside its home")
    row.version += 1
    row.updated_at = session.clock.now()
    staying = session.directory.staying(session, row.party_ids)
    if len(staying) < len(row.party_ids):
        # Told once more, by the entry that names it as having left, and addressed no longer.
        row.party_ids = [tenant for tenant in row.party_ids if tenant in staying or tenant == row.home_id]
    state = state_of(row)
    entry = _entry(session, row, change=change, before=before, state_hash=digest(_bounded(canonical(state))))
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


def _entry(session: Session, row: Aggregate, *, change: Change, before: Sequence[UUID], state_hash: str) -> Entry:
    parties, earlier = set(row.party_ids), set(before)
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
        key=session.keyring.signer(session).key,
    )


def _nonce(session: Session, row: Aggregate) -> str:
    """What the aggregate's id was made from: known since `born`, or from the first entry."""
    known: str | None = session.info.get("nonces", {}).get(row.id)
    if known is None:
        first = session.get_one(JournalRow, (row.tenant_id, row.id, 1, 1))
        known = str(json.loads(first.entry)["nonce"])
    return known


def _addressed(
    session: Session, row: Aggregate, *, entry: Entry, envelope: Envelope
) -> list[tuple[set[str], Envelope]]:
    """Topics and what goes there: a broadcast reaches every cell, its texts only those of the audience."""
    directory = session.directory
    if row.register is None:
        return [(_topics(row, directory.cells(session, entry.audience)), envelope)]
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


def entry_envelope(entry: Entry, signature: str, *, state: Any, texts: Texts, session: Session) -> Envelope:
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


def keep(session: Session, entries: Sequence[tuple[Entry, str, Any]]) -> None:
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


def keep_texts(session: Session, aggregate: UUID, *, texts: Texts) -> None:
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
