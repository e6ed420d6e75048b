"""What is handed over of a table: rows of texts, with a mark where a cell is not just text, and their bounds."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from shared.text.folding import narrow

MOST_ROWS = 200_000
MOST_COLUMNS = 100
LONGEST_CELL = 2_000
MOST_TEXT = 64_000_000
"""Characters of all cells together, however often the file names the same text."""

Mark = Literal[
    "number",
    "boolean",
    "day",
    "cut",
    "shown",
    "no_day",
    "error",
    "formula",
    "merged",
    "long",
    "hidden",
    "beyond",
    "hidden_column",
    "doubtful",
]
"""What stands there instead of a text. The first three are values, the others faults:

cut: a number of more than 15 digits, of which spreadsheets keep 15 · shown: a number whose format shows another text ·
no_day: a date or time that names no day · error: #N/A and its like · long: cut off after `LONGEST_CELL` characters ·
hidden: its row is not shown · beyond: right of `MOST_COLUMNS`, `cells` do not hold it ·
doubtful: a text that came back with `DOUBTFUL` before it.
"""


class TableRow(NamedTuple):
    """`number` as a spreadsheet shows it; `marks` are pairs of a cell's place and its mark."""

    number: int
    cells: list[str]
    marks: list[tuple[int, Mark]]


class Unread(NamedTuple):
    """A sheet of the workbook that was not read; `hidden` from who opens it."""

    name: str
    hidden: bool


ERRORS = frozenset({
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA",
    "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#PYTHON!", "#EXTERNAL!",
})  # fmt: skip
"""Error values as spreadsheets show them, and save them as CSV."""
HEADING_PARTS = re.compile(r"[/\n]")
MERGED = "#MERGED!"
"""What a cell that another one covers reads as, so that it is still a fault when it comes back as text."""

DOUBTFUL = "#?"
"""Stands before a value that its cell showed otherwise, where it goes out as text: so it is still a fault, until
somebody has compared it and taken these two characters away."""


def cell_name(place: int, number: int) -> str:
    """As a spreadsheet calls it: the third cell of row 5 is C5."""
    letters, left = "", place + 1
    while left:
        left, rest = divmod(left - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{number}"


def text_marks(cells: list[str]) -> list[tuple[int, Mark]]:
    """The faults that texts alone can have; cuts what is too long, and still too long when it comes back."""
    marks: list[tuple[int, Mark]] = []
    for place, cell in enumerate(cells):
        if len(cell) > LONGEST_CELL:
            cells[place] = cell[:LONGEST_CELL] + "…"
            marks.append((place, "long"))
        elif cell.startswith("#") and (cell in ERRORS or cell == MERGED or not cell.strip("#")):
            marks.append((place, "merged" if cell == MERGED else "error"))
        elif cell.startswith(DOUBTFUL):
            marks.append((place, "doubtful"))
    return marks


def heading_names(cell: str) -> list[str]:
    """What a heading may be known by: `中文名称 / name_zh` is both, in any case and width."""
    return [name for part in HEADING_PARTS.split(narrow(cell)) if (name := " ".join(part.split()).casefold())]
