"""A thing's timeline: the journal entries of its aggregates that this tenant holds, newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_

from events.canonical import Json, digest
from events.catalog import summary
from shared.database.pages import Order, Page, PageRequest, at_or_after, in_order
from shared.database.rows import Aggregate
from shared.journal.entries import JournalRow, TextRow
from shared.journal.session import Session

DIGEST = "sha256:"
ORDER = Order(
    {"occurred_at": JournalRow.occurred_at}, "-occurred_at",
    (JournalRow.epoch, JournalRow.version, JournalRow.aggregate_id), at_or_after(JournalRow.recorded_at),
)  # fmt: skip
"""The journal's own order within an aggregate also where a clock stood still."""


def timeline(session: Session, rows: Sequence[Aggregate], *, paging: PageRequest) -> Page:
    """A page of the entries of these aggregates; raises `InvalidError` for a foreign cursor."""
    query = select(JournalRow).where(JournalRow.aggregate_id.in_([row.id for row in rows]))
    return in_order(session, query, order=ORDER, paging=paging)


def present_entries(session: Session, rows: Sequence[JournalRow]) -> list[dict[str, Any]]:
    """What the timeline shows of journal rows."""
    entries = [json.loads(row.entry) for row in rows]
    texts = _texts(session, entries)
    return [_entry(row, entry, texts=texts) for row, entry in zip(rows, entries, strict=True)]


def _entry(row: JournalRow, entry: Mapping[str, Json], *, texts: Mapping[str, str]) -> dict[str, Any]:
    command = entry["command"]
    return {
        "at": row.occurred_at,
        "aggregate": row.aggregate_id,
        "kind": row.kind,
        "revision": row.state.get("revision"),
        "epoch": row.epoch,
        "version": row.version,
        "type": row.type,
        "summary": summary(row.type, row.state),
        "actor": entry["actor"],
        "via_command": None if command is None else command["document"]["id"],
        "change": entry["change"],
        "texts": {name: texts.get(value) for name, value in _digests(entry).items()},
        "entry_hash": digest(row.entry),
    }


def _digests(entry: Mapping[str, Json]) -> dict[str, str]:
    """The fields of the change that stand for a free text."""
    change = entry["change"].items()
    return {name: value for name, value in change if isinstance(value, str) and value.startswith(DIGEST)}


def _texts(session: Session, entries: Sequence[Mapping[str, Json]]) -> dict[str, str]:
    wanted = [(UUID(entry["aggregate"]), value) for entry in entries for value in _digests(entry).values()]
    if not wanted:
        return {}
    names = tuple_(TextRow.aggregate_id, TextRow.digest)
    found = session.execute(select(TextRow.digest, TextRow.text).where(names.in_(wanted)))
    return dict(found.all())
