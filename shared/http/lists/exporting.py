"""A whole list as one file, CSV or XLSX: made complete before a byte is sent, so that no half of it looks whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Response, request

from shared.core.context import PLATFORM
from shared.core.errors import UnavailableError
from shared.database.pages import PageRequest, too_many
from shared.files.store import CHUNK
from shared.http.lists.columns import Column, columns_of
from shared.http.requests.places import Places
from shared.http.resources import Route
from shared.journal.session import Session

MOST_ROWS = 100_000
PAGE = 500
IN_MEMORY = 1_000_000
LONGEST_CELL = 32_767
"""Characters: what a cell of a workbook may hold."""
CUT_SHORT = "…(已截断 / cut short)"
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet compute a cell of CSV, also in full width (OWASP, CSV injection)."""
PLACES = Places(most=4)
"""Each export takes a thread and a connection for seconds: few of a process at once, half of them of one tenant."""

Body = Mapping[str, Any]
Went = Callable[[int, Body], None]
"""Told how many rows have been read, and the page that came last; the first says how many there are."""


def form_asked(given: str | None) -> str | None:
    """The form of file that is asked for, by `format` or else by Accept; None for a page of JSON."""
    if given is None:
        best = request.accept_mimetypes.best_match(list(MEDIA_TYPES.values()), default=MEDIA_TYPES["json"])
        given = next(name for name, media_type in MEDIA_TYPES.items() if media_type == best)
    return None if given == "json" else given


def exported(session: Any, route: Route, *, form: str, paging: PageRequest, read: Callable[..., Body]) -> Response:
    """All pages that `read` gives, in one file. Raises `InvalidError` for too many rows, `UnavailableError`."""
    table = table_of(session, route, paging=paging, read=read)
    whose = session.context.tenant_id if isinstance(session, Session) else PLATFORM
    with PLACES.taken(whose, None) as free:
        if not free:
            raise UnavailableError(
                "exports_busy",
                "同时进行的导出过多,请稍后重试。",
                "Too many exports run at once. Try again in a moment.",
            )
        file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed once it has been sent
        try:
            WRITERS[form](file, table)
        except BaseException:
            file.close()
            raise
    name = route.name.removeprefix("list_")
    rows = table.count
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
        "Content-Length": str(size),
        "Export-Rows": str(rows),
        "Export-Most-Rows": str(MOST_ROWS),
    }
    media_type = MEDIA_TYPES[form]
    response = Response(_pieces(file), 200, headers, mimetype=media_type)
    response.call_on_close(file.close)
    return response


def table_of(
    session: Any, route: Route, *, paging: PageRequest, read: Callable[..., Body], went: Went | None = None
) -> Table:
    """The whole list as a table that is read while it is written; `went` is told of each page, and may end it."""
    if route.shown is None:
        raise LookupError(f"{route.name} shows nothing")

    def bodies() -> Iterator[Body]:
        counting = went is not None
        wanted: PageRequest | None = replace(paging, cursor=None, limit=PAGE, most=MOST_ROWS, count=counting)
        rows = 0
        while wanted is not None:
            body = read(paging=wanted)["body"]
            rows += len(body["items"])
            if went is not None:
                went(rows, body)
            yield body
            session.expunge_all()
            wanted = replace(wanted, cursor=body["next"], count=False) if body["next"] else None

    return Table(columns_of(route.shown.view), bodies())


@dataclass
class Table:
    """The rows as they come, counted."""

    columns: Sequence[Column]
    bodies: Iterator[Body]
    count: int = 0

    @property
    def titles(self) -> list[str]:
        return [column.title for column in self.columns]

    def rows(self) -> Iterator[Sequence[Any]]:
        """Raises `InvalidError` once there are too many."""
        for body in self.bodies:
            self.count += len(body["items"])
            if self.count > MOST_ROWS:
                raise too_many(MOST_ROWS)
            for item in body["items"]:
                yield [column.cell(item, names=body.get("names", {})) for column in self.columns]


def _write_csv(file: IO[bytes], table: Table) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(table.titles)
    writer.writerows(
        [f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in row]
        for row in table.rows()
    )
    text.detach()


def _write_xlsx(file: IO[bytes], table: Table) -> None:
    from xlsxwriter import Workbook  # noqa: PLC0415 - slow to load, and most processes write none

    with Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(table.titles):
            sheet.write_string(0, column, title)
        for place, row in enumerate(table.rows(), 1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(
                        place,
                        column,
                        cell if len(cell) <= LONGEST_CELL else cell[: LONGEST_CELL - len(CUT_SHORT)] + CUT_SHORT,
                    )
                else:
                    sheet.write_number(place, column, cell)


WRITERS: Mapping[str, Callable[[IO[bytes], Table], None]] = {"csv": _write_csv, "xlsx": _write_xlsx}


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece
