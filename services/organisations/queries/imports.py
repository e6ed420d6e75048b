"""Imports: how far they are, what they refused, and the files for those who fill them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy import Integer, Uuid, false, select, true

from services.organisations.domain.columns import COLUMNS, EXAMPLE
from services.organisations.domain.imports import IMPORT_LIFECYCLE
from services.organisations.domain.organisation import IMPORT
from services.organisations.models import Import, ImportFault
from shared.db import Session
from shared.errors import NotFoundError
from shared.http.pages import Cut, Page, cursor_of, read_cursor
from shared.permitting import permitted

BATCH = 1000
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WRONG = "错误 / What is wrong"


def one_import(session: Session, key: UUID) -> Import:
    """Raises `NotFoundError`; people of one organisation have none."""
    row = session.get(Import, (session.context.tenant_id, key)) if session.context.scope == "tenant" else None
    if row is None:
        raise NotFoundError.of("import", key)
    return row


def imports(session: Session, *, cut: Cut) -> Page:
    """The tenant's imports, newest first."""
    query = select(Import).where(true() if session.context.scope == "tenant" else false())
    order = Import.created_at.desc(), Import.id.desc()
    if cut.cursor:
        key = read_cursor(cut.cursor, Uuid())[0]
        query = query.where(Import.created_at <= one_import(session, key).created_at, Import.id != key)
    rows = session.scalars(query.order_by(*order).limit(cut.limit + 1)).all()
    shown = rows[: cut.limit]
    return Page(shown, cursor_of(shown[-1].id) if len(rows) > cut.limit else None)


def present_imports(session: Session, rows: Sequence[Import]) -> list[dict[str, Any]]:
    """What the view shows."""
    return [
        {
            **{name: value for name, value in vars(row).items() if not name.startswith("_")},
            "seconds_left": _seconds_left(session, row),
            "allowed_actions": permitted(session.context, _possible(row)),
        }
        for row in rows
    ]


def _possible(row: Import) -> dict[str, str]:
    return {"cancel": IMPORT} if "cancel" in IMPORT_LIFECYCLE.actions(row.state) else {}


def _seconds_left(session: Session, row: Import) -> int | None:
    """At the pace so far; None before the first step and after the end."""
    if row.state != "running" or row.started_at is None or row.seen == 0:
        return None
    spent = (session.clock.now() - row.started_at).total_seconds()
    return round(spent / row.seen * (row.rows - row.seen))


def import_errors(session: Session, key: UUID, *, cut: Cut) -> Page:
    """Rows that were not taken, in the order of the file, each with its wrong columns."""
    one_import(session, key)
    after = read_cursor(cut.cursor, Integer())[0] if cut.cursor is not None else 0
    query = select(ImportFault).where(ImportFault.import_id == key, ImportFault.row > after)
    rows = session.scalars(query.order_by(ImportFault.row).limit(cut.limit + 1)).all()
    shown = rows[: cut.limit]
    return Page(shown, cursor_of(shown[-1].row) if len(rows) > cut.limit else None)


def present_errors(_session: Session, rows: Sequence[ImportFault]) -> list[dict[str, Any]]:
    """What the view shows: the columns with their headings."""
    return [
        {"row": row.row, "errors": [{**item, "heading": COLUMNS[item["column"]]} for item in row.faults]}
        for row in rows
    ]


def error_workbook(session: Session, key: UUID) -> bytes:
    """The rows that were not taken, as they stood in the file, with a column that says what is wrong."""
    row = one_import(session, key)
    headings = [*(COLUMNS[name] for name in row.columns), WRONG]
    return _workbook([headings, *_refused_rows(session, row)])


def _refused_rows(session: Session, row: Import) -> Iterator[list[str]]:
    faults = select(ImportFault).where(ImportFault.import_id == row.id).order_by(ImportFault.row)
    width = len(row.columns)
    for item in session.scalars(faults.execution_options(yield_per=BATCH)):
        cells = [*item.cells, *[""] * width][:width]
        said = (f"{COLUMNS[one['column']]}:{one['zh']} {one['column']}: {one['en']}" for one in item.faults)
        yield [*cells, f"第 {item.row} 行 / row {item.row}\n" + "\n".join(said)]


def template_csv() -> bytes:
    """UTF-8 with a byte order mark, without which spreadsheets take Chinese for something else."""
    text = io.StringIO()
    csv.writer(text).writerows(_template_rows())
    return text.getvalue().encode("utf-8-sig")


def template_workbook() -> bytes:
    """The same as a workbook."""
    return _workbook(_template_rows())


def _template_rows() -> list[list[str]]:
    return [list(COLUMNS.values()), [EXAMPLE.get(name, "") for name in COLUMNS]]


def _workbook(rows: Iterable[Sequence[str]]) -> bytes:
    """Every cell is written as text: nothing in it is ever a formula, a link or a number."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, **PLAIN}) as book:
        sheet = book.add_worksheet("机构")
        sheet.freeze_panes(1, 0)
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, cell)
    return made.getvalue()
