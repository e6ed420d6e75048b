"""Resync: a tenant that misses versions of an aggregate asks home for them, and home tells again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from sqlalchemy import select, tuple_

from events.canonical import canonical
from events.entry import Entry
from events.envelope import Envelope
from events.text import FreeText
from shared.documents import position, signed
from shared.errors import UnavailableError
from shared.journal import JournalRow, TextRow, entry_envelope
from shared.model import AGGREGATES
from shared.outbox import enqueue, topic_name
from shared.progress import HELD, ProgressRow

if TYPE_CHECKING:
    from shared.db import Session

ASK_AGAIN = timedelta(seconds=5)
MOST_TOLD = 200
"""Entries told again per request; the party asks for the next ones when it has applied these."""


def ask_for_missing(session: Session, rows: Iterable[ProgressRow]) -> None:
    """Ask home for what `rows` miss, each at most every 5 s; a tenant without a key cannot ask yet."""
    now = session.clock.now()
    for row in [row for row in rows if row.status == HELD]:
        if row.asked_at is None or row.asked_at <= now - ASK_AGAIN:
            row.asked_at = now
            _ask(session, row)


def _ask(session: Session, row: ProgressRow) -> None:
    content = {"aggregate": str(row.aggregate_id), "kind": row.kind, "epoch": row.epoch, "version": row.version}
    with suppress(UnavailableError):
        send(session, "resync", content=content, to=row.home_id)


def send(session: Session, kind: Literal["resync", "head", "erasure"], *, content: Mapping[str, Any], to: UUID) -> None:
    """Send `to` a signed document about one aggregate."""
    envelope = signed(session, kind, content={**content, "to": str(to)})
    topic: Literal["events", "commands"] = "commands" if kind == "resync" else "events"
    _enqueue(session, envelope, lane=(content["kind"], topic), to=to, key=UUID(content["aggregate"]))


def _enqueue(session: Session, envelope: Envelope, *, lane: tuple[str, Any], to: UUID, key: UUID) -> None:
    kind, topic = lane
    topics = {topic_name(cell, kind.split(".")[0], kind=topic) for cell in session.directory.cells(session, [to])}
    enqueue(session, topics, envelope=envelope, key=key)


def tell_again(session: Session, asker: UUID, *, document: Any) -> int:
    """At home: send `asker` the entries after the version it names, as far as they were meant for it.

    Returns how many. An aggregate that is not of this home, or never listed the asker, yields none.
    """
    aggregate, known = UUID(document["aggregate"]), position(document)
    kind = AGGREGATES.get(str(document["kind"]))
    # The row's lock keeps the repeated entries in order with a change that is being written now.
    row = None if kind is None else session.get(kind, (session.context.tenant_id, aggregate), with_for_update=True)
    if row is None or row.home_id != session.context.tenant_id:
        return 0
    after = select(JournalRow).where(
        JournalRow.aggregate_id == aggregate, tuple_(JournalRow.epoch, JournalRow.version) > known
    )
    told = 0
    for item in session.scalars(after.order_by(JournalRow.epoch, JournalRow.version).limit(MOST_TOLD)):
        told += _tell(session, asker, item=item)
    return told


def _tell(session: Session, asker: UUID, *, item: JournalRow) -> int:
    entry = read_entry(item)
    if asker not in entry.audience:
        return 0
    texts = texts_of(session, entry)
    envelope = entry_envelope(entry, item.signature, state=item.state, texts=texts, session=session)
    _enqueue(session, envelope, lane=(item.kind, "events"), to=asker, key=entry.aggregate)
    return 1


def read_entry(item: JournalRow) -> Entry:
    """The entry a journal row holds."""
    return Entry.parse(json.loads(item.entry))


def texts_of(session: Session, entry: Entry) -> dict[str, FreeText]:
    """The texts this entry names by hash, as far as they are kept."""
    rows = session.scalars(select(TextRow).where(TextRow.aggregate_id == entry.aggregate))
    named = canonical(entry.change)
    return {row.digest: FreeText(row.text, row.salt) for row in rows if row.digest.encode() in named}
