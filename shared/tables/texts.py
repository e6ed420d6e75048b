"""CSV: its rows, bounded before they are split."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from shared.core.errors import InvalidError
from shared.tables.encodings import encoding_of
from shared.tables.rows import LONGEST_CELL, MOST_COLUMNS, Mark, TableRow, text_marks

LONGEST_ROW = 300_000
"""Characters of a row with its line breaks; `MOST_COLUMNS` cells of `LONGEST_CELL` fit."""


class _Lines:
    """The lines of a text, refusing a row that does not end: one quotation mark can make a row of a whole file."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text, self.row, self.taken = text, 1, 0

    def __iter__(self) -> Iterator[str]:
        while line := self.text.readline(LONGEST_ROW + 1):
            self.taken += len(line)
            if self.taken > LONGEST_ROW:
                most = f"{LONGEST_ROW:,}"
                raise InvalidError(
                    "row_too_long",
                    f"CSV 第 {self.row} 行超过 {most} 个字符(最多 {MOST_COLUMNS} 列、每格 {LONGEST_CELL} 字符)。"
                    "请检查引号是否成对、列是否过多。",
                    f"Row {self.row} of the CSV has more than {most} characters (at most {MOST_COLUMNS} columns,"
                    f" {LONGEST_CELL} characters a cell). Check that quotation marks come in pairs, and the number of"
                    " columns.",
                )
            yield line


def csv_rows(file: BinaryIO) -> Iterator[TableRow]:
    """Every row that is not blank; raises `InvalidError` that names the row where the file stops being CSV."""
    encoding = encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    lines = _Lines(text)
    csv.field_size_limit(LONGEST_ROW)
    try:
        for cells in csv.reader(lines, strict=True):
            if row := _row(lines.row, cells):
                yield row
            lines.row, lines.taken = lines.row + 1, 0
    except csv.Error as error:
        raise InvalidError(
            "csv_malformed",
            f"CSV 第 {lines.row} 行格式错误,常见原因是引号没有成对。请用表格软件另存为“CSV UTF-8”后重新上传。",
            f"Row {lines.row} of the CSV is malformed ({error}), mostly a quotation mark without its pair. "
            "Save it anew as 'CSV UTF-8'.",
        ) from error


def _row(number: int, cells: list[str]) -> TableRow | None:
    cells = [cell.strip() for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    if not cells:
        return None
    beyond: list[tuple[int, Mark]] = []
    if len(cells) > MOST_COLUMNS:
        place = next(place for place in range(MOST_COLUMNS, len(cells)) if cells[place])
        beyond, cells = [(place, "beyond")], cells[:MOST_COLUMNS]
    return TableRow(number, cells, [*text_marks(cells), *beyond])
