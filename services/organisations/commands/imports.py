"""Imports: a file is examined at once and taken in small steps by the worker, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select

from services.organisations.commands.registering import check_is_tenants
from services.organisations.commands.taking import take
from services.organisations.domain.columns import TABLE
from services.organisations.domain.imports import IMPORT_LIFECYCLE, notes_of
from services.organisations.models import Import, ImportChunk
from shared.database.rows import table_of
from shared.evidence import audit
from shared.files import files
from shared.files.citing import content_given
from shared.journal.session import Session
from shared.journal.timers import schedule, timer
from shared.tables import reading
from shared.tables.rows import TableRow
from shared.text.identifiers import form

STEP = "organisations.organisation.take_rows"
CHUNK = 2000
"""Rows of a step: about a second of work, so that a cancellation or another timer need not wait longer."""
STAGE = insert(table_of(ImportChunk))
COUNTS = ("seen", "registered", "revised", "unchanged", "refused")


def start_import(session: Session, *, file: str, dry_run: bool) -> Import:
    """Examine the file, and begin with the next run of the timers; raises `InvalidError` for an unusable file."""
    check_is_tenants(session)
    _stored, opened = content_given(session, file, pointer="/file")
    with opened:
        table = reading.examined(opened, headings=TABLE.by_heading)
    row = Import(
        id=uuid4(),
        file=file,
        form=table.form,
        sheet=table.sheet,
        notes=notes_of(table.unread),
        dry_run=dry_run,
        state=IMPORT_LIFECYCLE.initial,
        actor_id=session.context.actor_id,
        columns=TABLE.of(table.heading),
        rows=table.count,
        created_at=session.clock.now(),
        started_at=None,
        ended_at=None,
        **dict.fromkeys(COUNTS, 0),
    )
    session.add(row)
    files.mark_cited(session, [file])
    schedule(session, STEP, aggregate=row.id, due_at=session.clock.now())
    audit.detail(
        session, subject=str(row.id), after={"state": row.state, "file": file, "rows": row.rows, "dry_run": dry_run}
    )
    return row


def cancel_import(session: Session, key: UUID) -> Import:
    """Stop it: what was taken stays, what was not is not; raises `ConflictError` once it has ended."""
    check_is_tenants(session)
    row = session.one(Import, key, lock=True)
    before = row.state
    IMPORT_LIFECYCLE.move(row, "cancel")
    _end(session, row)
    audit.detail(session, subject=str(key), before={"state": before}, after={"state": row.state, "seen": row.seen})
    return row


def _began(session: Session, key: UUID) -> str:
    """Who asked for the import is who registers; the timer only carries it out."""
    return session.one(Import, key).actor_id


@timer(STEP, began=_began)
def take_step(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """Read the file into chunks, then take one chunk, then the next: effect and progress are one transaction."""
    row = session.one(Import, key, lock=True)
    if row.state not in ("waiting", "running"):
        return
    if row.state == "waiting":
        IMPORT_LIFECYCLE.move(row, "begin")
        row.started_at = session.clock.now()
        _stored, opened = files.content(session, row.file)
        with opened, reading.opened(opened, headings=TABLE.by_heading) as table:
            rows = _staged(table.rows, place=row.columns.index("code"))
            while chunk := list(islice(rows, CHUNK)):
                values = {"tenant_id": row.tenant_id, "import_id": row.id, "first_row": chunk[0]["row"], "rows": chunk}
                session.write(STAGE, [values])
    elif not _take_chunk(session, row):
        IMPORT_LIFECYCLE.move(row, "finish")
        _end(session, row)
        return
    schedule(session, STEP, aggregate=key, due_at=session.clock.now())


def _end(session: Session, row: Import) -> None:
    row.ended_at = session.clock.now()
    session.execute(delete(ImportChunk).where(ImportChunk.import_id == row.id))


def _staged(rows: Iterator[TableRow], *, place: int) -> Iterator[dict[str, Any]]:
    """Rows as they are kept, and, where a credit code came before, the number of the row that had it first."""
    first: dict[str, int] = {}
    for number, cells, marks in rows:
        code = form("credit_code", cells[place]) if len(cells) > place else ""
        earlier = first.setdefault(code, number) if code else number
        yield {"row": number, "cells": cells, "marks": marks, "first": None if earlier == number else earlier}


def _take_chunk(session: Session, row: Import) -> bool:
    """Whether there was one left."""
    waiting = select(ImportChunk).where(ImportChunk.import_id == row.id).order_by(ImportChunk.first_row).limit(1)
    chunk = session.scalars(waiting).first()
    if chunk is None:
        return False
    counts = take(session, row, rows=chunk.rows)
    for name, number in counts.items():
        setattr(row, name, getattr(row, name) + number)
    session.delete(chunk)
    return True
