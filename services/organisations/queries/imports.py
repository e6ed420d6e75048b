"""Imports: how far they are and what they refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import false, or_, select

from services.organisations.domain.columns import COLUMNS
from services.organisations.domain.imports import IMPORT_LIFECYCLE
from services.organisations.models import Import, ImportFault
from shared.core.errors import NotFoundError
from shared.database.lists import ListQuery
from shared.database.pages import Order, Page, PageRequest, in_order
from shared.journal.session import Session

LISTED = ListQuery(
    Import,
    # While it runs it changes with every step.
    Order(
        {"created_at": Import.created_at},
        "-created_at",
        (Import.id,),
        lambda since: or_(Import.ended_at.is_(None), Import.ended_at >= since),
    ),
    {"actor": Import.actor_id},
    visible=lambda session: () if session.context.scope == "tenant" else [false()],
)
"""The tenant's imports, newest first; people of one organisation have none."""
ERRORS = Order({"row": ImportFault.row}, "row", (ImportFault.row,))


def imports(session: Session, given: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """All of them, or those that whoever asks began."""
    return LISTED(session, {"actor": session.context.actor_id if given.get("mine") else None}, paging=paging)


def one_import(session: Session, key: UUID) -> Import:
    """Raises `NotFoundError`; people of one organisation have none."""
    if session.context.scope != "tenant":
        raise NotFoundError.of(Import.called, key)
    return session.one(Import, key)


def present_imports(session: Session, rows: Sequence[Import]) -> list[dict[str, Any]]:
    """What the view shows."""
    documents = []
    for row in rows:
        seconds_left = None
        if row.state == "running" and row.started_at is not None and row.seen:
            # At the pace so far.
            spent = (session.clock.now() - row.started_at).total_seconds()
            seconds_left = round(spent / row.seen * (row.rows - row.seen))
        documents.append(
            {
                **{name: value for name, value in vars(row).items() if not name.startswith("_")},
                "notes": row.notes or [],
                "seconds_left": seconds_left,
                "allowed_actions": IMPORT_LIFECYCLE.actions(row.state),
            }
        )
    return documents


def import_errors(session: Session, _filters: Mapping[str, Any], *, paging: PageRequest, key: UUID) -> Page:
    """Rows that were not taken, in the order of the file, each with its wrong columns."""
    one_import(session, key)
    return in_order(session, select(ImportFault).where(ImportFault.import_id == key), order=ERRORS, paging=paging)


def present_errors(_session: Session, rows: Sequence[ImportFault]) -> list[dict[str, Any]]:
    """What the view shows: the columns with their headings, "" where a cell has none."""
    return [
        {
            "row": row.row,
            "errors": [
                {**item, "heading": COLUMNS.get(item["column"], ""), "message": {"zh": item["zh"], "en": item["en"]}}
                for item in row.faults
            ],
        }
        for row in rows
    ]
