"""The rows of one sheet of a workbook, one after the other: never more of them in memory than a slice names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from shared.tables.archives import Handler, drained
from shared.tables.numbers import number_text
from shared.tables.refusals import not_a_workbook, workbook_too_large
from shared.tables.rows import LONGEST_CELL, MERGED, MOST_COLUMNS, Mark, TableRow, cell_name, text_marks
from shared.tables.workbooks import SheetPart, Workbook, named, unescaped

PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_MERGED = 200_000
"""Rows of all merged ranges together."""
TRUE = ("1", "true")
LETTERS = [cell_name(place, 1)[:-1] for place in range(MOST_COLUMNS)]
MERGES = re.compile(rb"mergeCell[\s>/]")


def place_of(name: str) -> tuple[int, int]:
    """Column from 0 and row from 1 of `C5`."""
    found = PLACE.fullmatch(name)
    if found is None:
        raise not_a_workbook("单元格编号有误", "the name of a cell is malformed")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    row = int(found[2])
    if column > LAST_COLUMN or row > LAST_ROW:
        raise not_a_workbook("单元格编号有误", "the name of a cell is malformed")
    return column - 1, row


class _Merges(Handler):
    """Which cells others cover. They stand behind the rows, so they are looked for first."""

    NAMES = named("mergeCell")

    def __init__(self) -> None:
        self.rows: dict[int, list[tuple[int, int, bool]]] = {}
        self.left = MOST_MERGED

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name not in self.NAMES:
            return
        first, _, last = attributes.get("ref", "").partition(":")
        (left, top), (right, bottom) = place_of(first), place_of(last or first)
        self.left -= bottom - top + 1
        if self.left < 0:
            raise workbook_too_large("合并单元格过多", "too many merged cells")
        for row in range(top, bottom + 1):
            self.rows.setdefault(row, []).append((left, min(right, MOST_COLUMNS - 1), row == top))

    def covered(self, row: int) -> Iterator[int]:
        for left, right, is_first in self.rows.get(row, ()):
            yield from range(left + is_first, right + 1)


class _Sheet(Handler):
    """Gathers rows as the parser meets them; a cell costs about two microseconds, so paths here are short."""

    NAMES = named("row", "c", "v", "t", "rPh", "f", "col")

    def __init__(self, book: Workbook, merges: _Merges) -> None:
        self.book, self.merges = book, merges
        self.rows: list[TableRow] = []
        self.number, self.digits, self.column = 0, "", -1
        self.hidden = self.is_open = self.reading = self.spoken = self.has_formula = False
        self.is_first = True
        self.hidden_columns: set[int] = set()
        self.kind, self.style = "n", "0"
        self.raw = ""
        self.cells: list[str] = []
        self.marks: list[tuple[int, Mark]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = self.NAMES.get(name)
        if kind == "c":
            if self.is_open:
                self._end_cell()
            self._begin_cell(attributes)
        elif kind == "v":
            # What follows the value is white space at most, and stripped.
            self.reading = True
        elif kind == "t":
            if not self.spoken:
                self.read_text()
        elif kind == "row":
            self.close()
            self._begin_row(attributes)
        else:
            self.reading = False
            if kind == "f":
                self.has_formula = True
            elif kind == "rPh":
                self.spoken = True
            elif kind == "col":
                self._column(attributes)

    def text(self, text: str) -> None:
        if self.reading and len(self.raw) <= LONGEST_CELL:
            self.raw += text[: LONGEST_CELL + 1]

    def close(self) -> None:
        """What was read is one row."""
        if self.is_open:
            self._end_cell()
        self.is_open = False
        cells, marks, number = self.cells, self.marks, self.number
        self.cells, self.marks = [], []
        if not any(cells) and not any(mark == "beyond" for _, mark in marks):
            return
        for place in self.merges.covered(number):
            cells.extend([""] * (place + 1 - len(cells)))
            cells[place] = cells[place] or MERGED
        known = {place for place, _mark in marks}
        marks = [*marks, *(found for found in text_marks(cells) if found[0] not in known)]
        if self.hidden:
            marks.append((0, "hidden"))
        if self.is_first:
            marks.extend((place, "hidden_column") for place in sorted(self.hidden_columns) if place < len(cells))
        self.is_first = False
        self.rows.append(TableRow(number, cells, marks))

    def _column(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in TRUE or _is_zero(attributes.get("width")):
            first, last = _whole(attributes.get("min", "")), _whole(attributes.get("max", ""))
            self.hidden_columns.update(range(first - 1, min(last, MOST_COLUMNS)))

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = _whole(attributes["r"]) if "r" in attributes else self.number + 1
        if not self.number < number <= LAST_ROW:
            raise not_a_workbook("行的顺序有误", "its rows are out of order")
        self.number, self.digits, self.column, self.cells, self.marks = number, str(number), -1, [], []
        self.hidden = attributes.get("hidden") in TRUE or _is_zero(attributes.get("ht"))

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        column = self.column + 1
        name = attributes.get("r")
        if name is not None and (column >= MOST_COLUMNS or name != LETTERS[column] + self.digits):
            column, row = place_of(name)
            if row != self.number or column <= self.column:
                raise not_a_workbook("单元格的顺序有误", "its cells are out of order")
        self.column, self.kind, self.style = column, attributes.get("t", "n"), attributes.get("s", "0")
        self.raw, self.is_open, self.reading, self.spoken, self.has_formula = "", True, False, False, False

    def _end_cell(self) -> None:
        text, mark = self._read(self.raw) if self.raw else ("", None)
        place = self.column
        if not text:
            if self.has_formula and place < MOST_COLUMNS:
                self.marks.append((place, "formula"))
            return
        if place >= MOST_COLUMNS:
            if not self.marks or self.marks[-1][1] != "beyond":
                self.marks.append((place, "beyond"))
            return
        if len(self.cells) < place:
            self.cells.extend([""] * (place - len(self.cells)))
        self.cells.append(text)
        if self.has_formula:
            mark = "formula"
        if mark:
            self.marks.append((place, mark))

    def _read(self, raw: str) -> tuple[str, Mark | None]:
        if self.kind == "s":
            return self.book.texts[_whole(raw)].strip(), None
        if self.kind in ("inlineStr", "str"):
            return unescaped(raw).strip(), None
        raw = raw.strip()
        if self.kind == "b":
            return ("TRUE" if raw in TRUE else "FALSE"), "boolean"
        if self.kind == "e":
            return (raw if raw.startswith("#") else "#VALUE!"), "error"
        if self.kind == "d":
            return _iso_day(raw)
        styles, style = self.book.styles, _whole(self.style)
        shown = styles[style] if style < len(styles) else "General"
        return number_text(raw, shown, since_1904=self.book.since_1904) if raw else ("", None)


def _whole(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise not_a_workbook("应为整数之处不是整数", "what should be a whole number is none")
    return int(text)


def _is_zero(text: str | None) -> bool:
    return text is not None and text.strip("0") in ("", ".")


def _iso_day(text: str) -> tuple[str, Mark]:
    try:
        return date.fromisoformat(text.partition("T")[0]).isoformat(), "day"
    except ValueError:
        return text, "no_day"


def sheet_rows(book: Workbook, sheet: SheetPart) -> Iterator[TableRow]:
    """Every row that shows something."""
    merges = _Merges()
    if book.archive.contains(sheet.part, MERGES):
        drained(book.archive.parsed(sheet.part, merges))
    found = _Sheet(book, merges)
    for _ in book.archive.parsed(sheet.part, found):
        yield from found.rows
        found.rows.clear()
    found.close()
    yield from found.rows
