"""The journal: for every version of an aggregate one signed entry that names the hash of the one before."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import Computed, Row, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Mapped, mapped_column

from events.canonical import Json, canonical, digest, instant
from events.catalog import Texts
from events.entry import Actor, Entry, aggregate_id
from events.envelope import Envelope
from events.text import FreeText
from shared.core.calendar import read_moment
from shared.core.errors import InvalidError
from shared.database.rows import Aggregate, TenantRow, kept_columns, made_of, table_of
from shared.database.session import TenantSession
from shared.journal.broadcasts import note_broadcasts
from shared.journal.heads import note_heads
from shared.journal.outbox import Message, enqueue
from shared.journal.progress import note_home_progress
from shared.journal.reactions import FEW, listening, note_reactions
from shared.journal.work import keep_work
from shared.keys.directory import Directory

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
    by_others: Mapped[bool] = mapped_column(
        Computed("(shared.acting(entry)->>'tenant')::uuid <> tenant_id", persisted=True), deferred=True
    )
    actor_id: Mapped[str] = mapped_column(Computed("shared.acting(entry)->>'id'", persisted=True), deferred=True)


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


class Publication(NamedTuple):
    """A row at its new version, with the entry that says so and what travels beside it."""

    row: Aggregate
    entry: Entry
    signature: str
    state: dict[str, Json]
    texts: Texts


def born(
    session: TenantSession, kind: type[A], *, parties: Sequence[UUID], nonce: str | None, fields: Mapping[str, Any]
) -> A:
    """An aggregate before its first entry, with these columns; its id commits to home and nonce."""
    nonce = nonce or secrets.token_hex(16)
    home = session.context.tenant_id
    now = session.clock.now()
    values = {
        **dict.fromkeys(kept_columns(kind).values()), "tenant_id": home, "id": aggregate_id(home, nonce),
        "home_id": home, "epoch": 1, "version": 0, "entry_hash": "", "party_ids": sorted(parties), "created_at": now,
        "updated_at": now, **fields,
    }  # fmt: skip
    if unknown := values.keys() - kept_columns(kind).values():
        raise TypeError(f"{kind.kind} has no {', '.join(sorted(unknown))}")
    row = made_of(kind, values)
    session.info.setdefault("nonces", {})[row.id] = nonce
    return row


def state_hash(state: Mapping[str, Json]) -> str:
    """The hash by which the entry names the state; raises `InvalidError` when it is too large."""
    stated = canonical(state)
    if len(stated) > LARGEST_STATE:
        raise InvalidError(
            "state_too_large",
            f"内容过大({len(stated)} 字节,上限 {LARGEST_STATE})。请缩短,或把长文放入附件。",
            f"This is too large ({len(stated)} bytes, at most {LARGEST_STATE}). Shorten it, or attach long texts.",
        )
    return digest(stated)


def nonce_of(session: TenantSession, row: Aggregate) -> str:
    """What the aggregate's id was made from: known since `born`, or from the first entry."""
    known: str | None = session.info.get("nonces", {}).get(row.id)
    if known is None:
        first = session.get_one(JournalRow, (row.tenant_id, row.id, 1, 1))
        known = str(json.loads(first.entry)["nonce"])
    return known


def record(session: TenantSession, items: Sequence[Publication], *, directory: Directory) -> None:
    """Put what is published into journal and outbox, and note who is to hear of it, in the transaction of its cause."""
    messages = []
    for row, entry, signature, state, texts in items:
        # Home has what it wrote: its cell is told where another party lives there, or a handler is to be woken.
        wakes = len(items) <= FEW and listening(entry, entry.home)
        readers = entry.audience if wakes else entry.audience - {entry.home}
        if not readers and row.register is None:
            continue
        envelope = entry_envelope(entry, signature, state=state, texts=texts, session=session)
        if row.register is not None:
            messages += _broadcast(session, entry, envelope=envelope, directory=directory)
        else:
            messages.append(Message(envelope, directory.cells(session, readers), row.kind, row.id))
    written = [item.entry for item in items]
    keep(session, [item[1:] for item in items])
    enqueue(session, *messages)
    note_home_progress(session, written)
    note_reactions(session, written)
    note_heads(session, written)
    if broadcast := [item.entry for item in items if item.row.register is not None]:
        note_broadcasts(session, broadcast)
    keep_work(session, [item.row for item in items])


def _broadcast(session: TenantSession, entry: Entry, *, envelope: Envelope, directory: Directory) -> list[Message]:
    """It reaches every cell, its texts only those of the audience."""
    cells, (about, key) = directory.all_cells(session), (entry.aggregate_type, entry.aggregate)
    if not envelope.texts:
        return [Message(envelope, cells, about, key)]
    # A tenant that was made this moment may not be listed yet.
    listings = [directory.listing(session, tenant) for tenant in entry.audience]
    theirs = {listing.cell for listing in listings if listing is not None}
    return [
        Message(envelope, theirs, about, key),
        Message(replace(envelope, texts={}), cells - theirs, about, key),
    ]


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
        hash=entry.hash,
    )


def read_entry(item: JournalRow | Row[Any]) -> Entry:
    """The entry a journal row holds: it was written or verified here, so its form is not looked at again."""
    document = orjson.loads(item.entry)
    typed: dict[str, object] = {
        "aggregate": UUID(document["aggregate"]),
        "home": UUID(document["home"]),
        "actor": Actor(UUID(document["actor"]["tenant"]), document["actor"]["id"]),
        "occurred_at": read_moment(document["occurred_at"]),
        **{name: tuple(map(UUID, document[name])) for name in ("parties", "joined", "left")},
    }
    entry = Entry(**{**document, **typed})
    entry.__dict__.update(document=document, canonical=item.entry)
    return entry


def texts_of(session: TenantSession, changes: Sequence[tuple[UUID, Json]]) -> list[dict[str, FreeText]]:
    """For each of these changes of an aggregate the texts that it names by hash, as far as they are kept."""
    kept, given = _texts(session, {aggregate for aggregate, _change in changes}), list[dict[str, FreeText]]()
    for aggregate, change in changes:
        named = canonical(change) if aggregate in kept else b""
        given.append({key: text for key, text in kept.get(aggregate, {}).items() if key.encode() in named})
    return given


def texts_kept(session: TenantSession, aggregates: Collection[UUID]) -> dict[str, FreeText]:
    """All texts of these, by hash."""
    return {key: text for texts in _texts(session, aggregates).values() for key, text in texts.items()}


def _texts(session: TenantSession, aggregates: Collection[UUID]) -> dict[UUID, dict[str, FreeText]]:
    """By aggregate and hash: an entry that names the text of another aggregate is not given it."""
    found: dict[UUID, dict[str, FreeText]] = {}
    row = TextRow
    query = select(row.aggregate_id, row.digest, row.text, row.salt).where(row.aggregate_id.in_(aggregates))
    for key, named, text, salt in session.execute(query) if aggregates else ():
        found.setdefault(key, {})[named] = FreeText(text, salt)
    return found


def keep(session: TenantSession, entries: Sequence[tuple[Entry, str, Any, Texts]]) -> None:
    """Write verified entries (with signature, state and texts) into the session tenant's journal; known ones stay."""
    now, tenant = session.clock.now(), session.context.tenant_id
    rows = [
        {
            "tenant_id": tenant,
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
        for entry, signature, state, _texts in entries
    ]
    session.write(KEEP, rows)
    named = [(entry.aggregate, key, text) for entry, _, _, texts in entries for key, text in texts.items()]
    lines = [
        {"tenant_id": tenant, "aggregate_id": aggregate, "digest": key, "text": text.text, "salt": text.salt}
        for aggregate, key, text in named
    ]
    session.write(KEEP_TEXTS, lines)
