"""One row of a table read by its columns: what each cell says, or what is wrong with it, at its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from shared.core.words import Pair
from shared.tables.columns import UNNAMED
from shared.tables.faults import BEYOND, FAULTS
from shared.tables.rows import TableRow, cell_name
from shared.text.folding import UnseenError, is_blank, kept

Readers = Mapping[str, Callable[[str], Any]]
"""By column, what its cell says, or, as a `Pair`, what is wrong with it."""
NO_TEXT = Pair("不是此处可填的内容,请改为文本后重新填写。", "This is not what belongs here: write it anew, as text.")


def row_in(
    row: TableRow, columns: Sequence[str], *, readers: Readers, taken: Collection[tuple[str, str]]
) -> tuple[dict[str, Any], dict[int, Pair]]:
    """What a row says by column, and by place what is wrong with its cells: also those under no heading.

    `taken` are marks of values that are no text, each with a column that takes it. A column that the file has not
    says nothing; of the others one with a fault says None.
    """
    said, wrong = dict[str, Any](), dict[int, Pair]()
    names = [*columns, *[UNNAMED] * (len(row.cells) + 1)]
    for place, text in enumerate(row.cells):
        if text and names[place] == UNNAMED:
            wrong[place] = Pair(*BEYOND[1:])
    for place, mark in row.marks:
        name = names[min(place, len(names) - 1)]
        if (name or mark in ("hidden", "beyond")) and (mark, name) not in taken:
            wrong[place] = Pair(*FAULTS[mark][1:]) if mark in FAULTS else NO_TEXT
    for place, name in enumerate(columns):
        if name not in readers:
            continue
        said[name] = None if place in wrong else readers[name]("".join(row.cells[place : place + 1]))
        if isinstance(said[name], Pair):
            wrong[place], said[name] = said[name], None
    return said, wrong


def text_in(text: str, *, longest: int, advice: Pair) -> str | Pair:
    """The line as it is kept; `advice` where there is nothing to see, or too much."""
    try:
        found = kept(text)
    except UnseenError as error:
        return Pair(
            f"第 {error.place} 个字符({error.point})不可见,请重新输入。",
            f"Character {error.place} ({error.point}) cannot be seen: type it anew.",
        )
    return advice if is_blank(found) or len(found) > longest else found


def placed(fault: Pair, *, row: int, place: int, heading: tuple[str, str]) -> Pair:
    """The fault with its row, its column (in Chinese and as it is named, "" where it has none) and its cell."""
    cell, (title, name) = cell_name(place, row), heading
    zh, en = (f"“{title}”", f", {name}") if title else ("", "")
    return Pair(f"第 {row} 行{zh}({cell}):{fault.zh}", f"Row {row}{en} ({cell}): {fault.en}")
