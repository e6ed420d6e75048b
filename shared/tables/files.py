"""A file as a table: which form it has, which of its sheets is meant, and its rows within the bounds of the whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import BinaryIO, Literal, NamedTuple

from shared.core.errors import Fault, InvalidError
from shared.tables.archives import Archive
from shared.tables.refusals import no_rows, not_a_workbook, too_many_rows, too_much_text
from shared.tables.rows import MOST_ROWS, MOST_TEXT, TableRow, Unread, heading_names
from shared.tables.texts import csv_rows
from shared.tables.workbooks import SheetPart, Workbook, workbook_in
from shared.tables.worksheets import sheet_rows

OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
WORKBOOK = b"PK"
MOST_UNREAD = 20
"""Sheets that the answer names."""
Form = Literal["csv", "xlsx"]


class Head(NamedTuple):
    """What comes before the rows; `sheet` is None for CSV."""

    form: Form
    sheet: str | None
    unread: list[Unread]


def table_in(file: BinaryIO, *, headings: Collection[str]) -> tuple[Head, Iterator[TableRow]]:
    """The table of a file, its heading first; its bytes alone say what it is, not the label of an upload.

    Raises `InvalidError`, also while rows are read.
    """
    file.seek(0)
    start = file.read(4)
    if start == OLD_WORKBOOK:
        raise not_a_workbook("旧版 .xls 或已加密", "an old .xls, or encrypted")
    if not start.startswith(WORKBOOK):
        return Head("csv", None, []), _bounded(csv_rows(file))
    book = workbook_in(Archive(file))
    sheet = _meant(book, headings)
    others = [Unread(one.name, one.hidden) for one in book.sheets if one is not sheet]
    return Head("xlsx", sheet.name, others[:MOST_UNREAD]), _bounded(sheet_rows(book, sheet))


def _meant(book: Workbook, headings: Collection[str]) -> SheetPart:
    """The visible sheet that has these headings; of several none is chosen, and none that nobody sees."""
    visible = [sheet for sheet in book.sheets if not sheet.hidden]
    if not visible:
        raise not_a_workbook("没有可见的工作表", "it has no visible sheet")
    if len(visible) == 1:
        return visible[0]
    firsts = [(sheet, next(sheet_rows(book, sheet), None)) for sheet in visible]
    filled = [sheet for sheet, first in firsts if first is not None]
    fitting = [
        sheet
        for sheet, first in firsts
        if first is not None
        and (len({name for cell in first.cells for name in heading_names(cell)} & set(headings)) > 1)
    ]
    if len(fitting) > 1:
        listed = [sheet.name for sheet in fitting[:5]]
        zh, en = f"“{'”、“'.join(listed)}”", ", ".join(f"'{name}'" for name in listed)
        raise InvalidError(
            "several_sheets",
            f"多张工作表都有数据表头:{zh}。请只保留一张,其余删除、隐藏或另存为单独的文件。",
            f"Several sheets have the headings of the table: {en}. Keep one; delete, hide or save apart the others.",
            [Fault("/file", f"工作表“{name}”", f"sheet '{name}'") for name in listed],
        )
    return (fitting or filled or visible)[0]


def _bounded(rows: Iterator[TableRow]) -> Iterator[TableRow]:
    count = text = 0
    for row in rows:
        count += 1
        text += sum(map(len, row.cells))
        # The heading is no row of the table.
        if count > MOST_ROWS + 1:
            raise too_many_rows()
        if text > MOST_TEXT:
            raise too_much_text()
        yield row
    if count < 2:
        raise no_rows()
