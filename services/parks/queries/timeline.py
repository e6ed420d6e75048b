"""A park's timeline: the journal entries of the park and of its agreements that this tenant holds, newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_

from events.canonical import Json, digest, instant
from events.catalog import summary
from services.parks.models import Agreement, Park
from shared.db import Session
from shared.http.pages import Cut, Page, cursor_invalid
from shared.identity import b64decode, b64encode
from shared.journal import JournalRow, TextRow

DIGEST = "sha256:"
ORDER = (JournalRow.occurred_at, JournalRow.epoch, JournalRow.version, JournalRow.aggregate_id)
"""The journal's own order within an aggregate also where a clock stood still."""


def timeline(session: Session, park_id: UUID, *, cut: Cut) -> Page:
    """Entries with the revision they concern; raises `NotFoundError`, or `InvalidError` for a foreign cursor."""
    session.one(Park, park_id)
    revisions = _revisions(session, park_id)
    query = select(JournalRow).where(JournalRow.aggregate_id.in_([park_id, *revisions]))
    if cut.cursor is not None:
        query = query.where(tuple_(*ORDER) < _read(cut.cursor))
    rows = session.scalars(query.order_by(*(column.desc() for column in ORDER)).limit(cut.limit + 1)).all()
    shown = rows[: cut.limit]
    return Page(shown, _write(shown[-1]) if len(rows) > cut.limit else None)


def evidence_of(session: Session, park_id: UUID) -> list[UUID]:
    """The aggregates whose journals tell all of a park: itself and its agreements; raises `NotFoundError`."""
    return [session.one(Park, park_id).id, *_revisions(session, park_id)]


def _revisions(session: Session, park_id: UUID) -> dict[UUID, int]:
    found = session.execute(select(Agreement.id, Agreement.revision).where(Agreement.park_id == park_id))
    return dict(found.all())


def _write(row: JournalRow) -> str:
    return b64encode(json.dumps([instant(row.occurred_at), row.epoch, row.version, str(row.aggregate_id)]).encode())


def _read(cursor: str) -> tuple[datetime, int, int, UUID]:
    try:
        moment, epoch, version, key = json.loads(b64decode(cursor))
        read = datetime.fromisoformat(moment), int(epoch), int(version), UUID(key)
        instant(read[0])
    except (ValueError, TypeError, AttributeError) as error:
        raise cursor_invalid() from error
    if max(read[1:3]) >= 2**31 or min(read[1:3]) < 0:
        raise cursor_invalid()
    return read


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
