"""One row of an import file: its cells as attributes of an organisation, and per cell what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any

from services.organisations.domain import codes
from services.organisations.domain.columns import COLUMNS, REQUIRED
from services.organisations.domain.marks import DAYS, comes_back, mark_fault
from services.organisations.domain.organisation import KINDS
from services.organisations.domain.qualifications import FIXED_END, completed, has_fixed_end
from shared.core.calendar import FIRST_DAY, LAST_DAY, WRITTEN_DAY, OutOfBoundsError, bounded, says_no_end
from shared.core.errors import InvalidError
from shared.reference import divisions
from shared.tables.columns import UNNAMED
from shared.tables.faults import BEYOND, FAULTS, Said
from shared.tables.rows import TableRow, cell_name
from shared.text import identifiers
from shared.text.folding import UnseenError, is_blank, kept, narrow
from shared.text.identifiers.credit_codes import PERSONAL, holds_personal, masked

KIND_NAMES = {**{name: name for name in KINDS}, **{zh: name for name, zh in KINDS.items()}}
YES, NO = ("是", "yes", "true", "1"), ("否", "no", "false", "0")
BETWEEN_NAMES = re.compile(r"[;\uff1b\r\n]")
"""Nothing else separates names: commas stand inside many (Co., Ltd.)."""
BETWEEN_SECTORS = re.compile(r"[;、,/\s]+")
BREAKS = re.compile(r"[\r\n\u2028\u2029]+")
LONGEST_NAME, LONGEST_LEVEL = 200, 100
"""As in the API's drafts."""
MOST_LISTED = 30

Fault = dict[str, str | None]
"""`{"column", "cell", "code", "zh", "en"}`; `column` is None where the cell is in none, `cell` is such as `C5`."""


def fault(column: str | None, said: Said, *, cell: str | None = None) -> Fault:
    """What is wrong with a column."""
    return {"column": column, "cell": cell, "code": said[0], "zh": masked(said[1]), "en": masked(said[2])}


@dataclass
class Parsed:
    """`values` holds what the row says: a blank cell says nothing, so it changes nothing."""

    values: dict[str, Any] = field(default_factory=dict)
    qualification: dict[str, Any] | None = None
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, column: str, said: Said) -> None:
        self.faults.append(fault(column, said))


def parsed(row: TableRow, columns: Sequence[str], *, today: date) -> Parsed:
    """Read a row; every fault of it is found, not only the first."""
    found = Parsed()
    wrong = {*_refuse_marks(found, row, columns=columns), *_refuse_texts(found, row, columns=columns)}
    given = {name: cell for name, cell in zip(columns, row.cells, strict=False) if cell and name in COLUMNS}
    readers: dict[str, Callable[[str], Read]] = {**READERS, "division": partial(_division, today=today)}
    for name, read in readers.items():
        if name in wrong:
            continue
        if name in given:
            value, said = read(given[name])
            if said is not None:
                found.refuse(name, said)
            found.values[name] = value
        elif name in REQUIRED:
            found.refuse(name, ("required", "必填,请补充。", "Required: please add it."))
    if "qualification" not in wrong:
        _read_qualification(found, {name: cell for name, cell in given.items() if name not in wrong}, today=today)
    for one in found.faults:
        if one["cell"] is None and one["column"] in columns:
            one["cell"] = cell_name(columns.index(one["column"]), row.number)
    return found


def _refuse_marks(found: Parsed, row: TableRow, *, columns: Sequence[str]) -> Iterator[str]:
    """What is no text and may not stand there; gives the columns that need no further look."""
    for place, mark in row.marks:
        name, cell = columns[place] if place < len(columns) else UNNAMED, cell_name(place, row.number)
        if mark in ("hidden", "beyond"):
            found.faults.append(fault(None, FAULTS[mark], cell=cell))
        elif name in COLUMNS and (said := mark_fault(mark, name, text="".join(row.cells[place : place + 1]))):
            found.faults.append(fault(name, said, cell=cell))
            yield name


def _refuse_texts(found: Parsed, row: TableRow, *, columns: Sequence[str]) -> Iterator[str]:
    """Cells without heading, and what no cell may hold; gives the columns that need no further look."""
    for place, text in enumerate(row.cells):
        if not text:
            continue
        name = columns[place] if place < len(columns) else UNNAMED
        if name == UNNAMED:
            found.faults.append(fault(None, BEYOND, cell=cell_name(place, row.number)))
        elif name in COLUMNS and (said := _text_fault(text)):
            found.faults.append(fault(name, said, cell=cell_name(place, row.number)))
            yield name


def _text_fault(text: str) -> Said | None:
    """What no column takes: a number of a person, or what is not seen as what it is.

    What is taken is what is seen: a row comes back with such a number masked, and the mask is no name either.
    """
    try:
        kept(text)
    except UnseenError as error:
        place, point = error.place, error.point
        return (
            "character_unreadable",
            f"第 {place} 个字符 {point} 无法辨认(乱码、自造字、控制字符或看不见)。请对照原件重新填写。",
            f"Character {place} is {point}, which nobody can read (damaged, private, a control): write it anew.",
        )
    return PERSONAL if holds_personal(text) else None


def reported(row: TableRow, columns: Sequence[str]) -> list[str]:
    """The cells of a row as its report keeps them and gives them back."""
    cells = list(row.cells)
    for place, mark in row.marks:
        if place < min(len(cells), len(columns)) and columns[place] in COLUMNS:
            cells[place] = comes_back(cells[place], mark, column=columns[place])
    return [masked(cell) for cell in cells]


Read = tuple[Any, Said | None]


def _name(given: str, *, longest: int = LONGEST_NAME) -> Read:
    """As the API takes and keeps it, but for what a spreadsheet makes of texts."""
    if BREAKS.search(given):
        return given, ("line_break", "其中有换行,请删除换行。", "Has a line break in it: take it out.")
    cell = kept(given)
    if cell in ("TRUE", "FALSE") or WRITTEN_DAY.fullmatch(cell):
        return cell, (
            "not_a_name",
            "不是文字(逻辑值或日期),请更正。",
            "Is no text but a logical value or a date: correct it.",
        )
    if is_blank(cell):
        return cell, ("blank", "没有可见的字符,请填写。", "There is nothing to be seen: fill it in.")
    if len(cell) > longest:
        return cell, ("too_long", f"不得超过 {longest} 个字符,请缩短。", f"At most {longest} characters: shorten it.")
    return cell, None


def _kind(cell: str) -> Read:
    found = KIND_NAMES.get(narrow(cell).lower())
    if found:
        return found, None
    known = "、".join(KINDS.values())
    said = (
        "kind_unknown",
        f"没有“{cell[:20]}”这一类型。请从以下选择:{known}。",
        f"There is no kind '{cell[:20]}'. Choose one of {', '.join(KINDS)}.",
    )
    return None, said


@lru_cache(maxsize=4096)
def _division(cell: str, *, today: date) -> Read:
    code, said = identifiers.fault("division_code", cell)
    try:
        if said is None:
            divisions.check_entered(code, today=today)
    except InvalidError as error:
        said = error.code, error.zh, error.en
    return code, said


def _names(cell: str) -> Read:
    read = [_name(name) for part in BETWEEN_NAMES.split(cell) if (name := part.strip())]
    names = [name for name, _said in read]
    if len(names) > MOST_LISTED:
        return names, _too_many(len(names))
    if not BETWEEN_NAMES.search(cell) and ("、" in cell or "\uff0c" in cell):
        return names, UNSEPARATED
    return names, next((said for _name, said in read if said), None)


UNSEPARATED: Said = (
    "names_unseparated",
    "多个曾用名请用分号或换行分隔;如果“、”或“\uff0c”是名称的一部分,请在末尾加分号。",
    "Separate former names by semicolons or line breaks; where “、” or “\uff0c” is part of a name, end it with ';'.",
)


def _too_many(number: int) -> Said:
    return (
        "too_many",
        f"有 {number} 项,最多 {MOST_LISTED} 项。请删减。",
        f"Has {number} entries, at most {MOST_LISTED}: take some out.",
    )


def _sectors(cell: str) -> Read:
    sectors = [identifiers.form("sector", item) for item in BETWEEN_SECTORS.split(narrow(cell)) if item]
    if len(sectors) > MOST_LISTED:
        return sectors, _too_many(len(sectors))
    return sectors, next((said for item in sectors if (said := codes.sector_fault(item[:20]))), None)


def _public(cell: str) -> Read:
    said = ("yes_or_no", "请填“是”或“否”。", "Write 是 (yes) or 否 (no).")
    word = narrow(cell).lower()
    return word in YES, None if word in (*YES, *NO) else said


def _day(cell: str, *, endless: bool) -> Read:
    """`endless`: it may say that there is no end, which is None."""
    if endless and says_no_end(cell):
        return None, None
    shown = cell[:20]
    not_a_day = ("not_a_day", f"“{shown}”不是日期,请写成 2026-07-01。", f"'{shown}' is no date: write 2026-07-01.")
    match = WRITTEN_DAY.fullmatch(narrow(cell))
    try:
        return (bounded(date(*map(int, match.groups()))), None) if match else (None, not_a_day)
    except OutOfBoundsError:
        zh = f"“{shown}”不在 {FIRST_DAY} 至 {LAST_DAY} 之间,请更正。到期日没有终止的请填“长期”。"
        en = f"'{shown}' is not from {FIRST_DAY} to {LAST_DAY}: correct it. Write 长期 for a validity without end."
        return None, ("day_out_of_bounds", zh, en)
    except ValueError:
        return None, not_a_day


READERS: Mapping[str, Callable[[str], Read]] = {
    "code": lambda cell: identifiers.fault("credit_code", cell), "name_zh": _name, "kind": _kind, "name_en": _name,
    "former_names": _names, "sectors": _sectors, "public": _public,
}  # fmt: skip
QUALIFIED: Mapping[str, Callable[[str], Read]] = {
    "name": _name, "level": partial(_name, longest=LONGEST_LEVEL), "number": partial(identifiers.fault, "paper_number"),
}  # fmt: skip
NAMELESS = (
    "required",
    "填写了资质的其他栏,请补充资质名称。",
    "Other columns of a qualification are filled in: add its name.",
)


def _read_qualification(found: Parsed, given: Mapping[str, str], *, today: date) -> None:
    prefix, ends = "qualification", "qualification_valid_to"
    if prefix not in given:
        if any(name.startswith(prefix) for name in given):
            found.refuse(prefix, NAMELESS)
        return
    read: dict[str, Any] = {}
    for key, reads in QUALIFIED.items():
        name = f"{prefix}_{key}" if key != "name" else prefix
        read[key], said = reads(given[name]) if name in given else (None, None)
        if said is not None:
            found.refuse(name, said)
    for name in DAYS:
        column = name.removeprefix("qualification_")
        read[column], said = _day(given[name], endless=name == ends) if name in given else (None, None)
        if said is None and name == ends and says_no_end(given.get(name, "")) and has_fixed_end(read["name"]):
            said = FIXED_END
        if said is not None:
            found.refuse(name, said)
    try:
        found.qualification = completed(read, today=today)
    except InvalidError as error:
        found.refuse(ends, (error.code, error.zh, error.en))
