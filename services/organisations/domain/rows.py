"""One row of an import file: its cells as attributes of an organisation, and per column what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from services.organisations.domain import codes
from services.organisations.domain.organisation import KINDS
from services.organisations.domain.qualifications import completed
from shared import divisions
from shared.days import FIRST_DAY, LAST_DAY, OutOfBoundsError, bounded, says_no_end
from shared.errors import InvalidError

KIND_NAMES = {**{name: name for name in KINDS}, **{zh: name for name, zh in KINDS.items()}}
YES, NO = ("是", "yes", "true", "1"), ("否", "no", "false", "0")
SEPARATORS = re.compile(r"[;;、,,]\s*")
DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
LONGEST_NAME = 200
MOST_LISTED = 30

Fault = dict[str, str]
"""`{"column", "code", "zh", "en"}`."""


def fault(column: str, said: tuple[str, str, str]) -> Fault:
    """What is wrong with a column."""
    return {"column": column, "code": said[0], "zh": said[1], "en": said[2]}


@dataclass
class Parsed:
    """`values` holds what the row says: a blank cell says nothing, so it changes nothing."""

    values: dict[str, Any] = field(default_factory=dict)
    qualification: dict[str, Any] | None = None
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, column: str, said: tuple[str, str, str]) -> None:
        self.faults.append(fault(column, said))


def parsed(cells: Sequence[str], columns: Sequence[str], *, today: date) -> Parsed:
    """Read a row; every fault of it is found, not only the first."""
    found = Parsed()
    if any(cells[len(columns) :]):
        found.refuse(
            columns[-1], ("cells_beyond", "该行的单元格多于表头,请核对。", "The row has cells beyond the heading.")
        )
    given = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
    readers: dict[str, Callable[[str], Read]] = {**READERS, "division": partial(_division, today=today)}
    for name, read in readers.items():
        if name in given:
            value, said = read(given[name])
            if said is not None:
                found.refuse(name, said)
            found.values[name] = value
        elif name in REQUIRED:
            found.refuse(name, ("required", "必填,请补充。", "Required: please add it."))
    _read_qualification(found, given, today=today)
    return found


Read = tuple[Any, tuple[str, str, str] | None]


def _code(cell: str) -> Read:
    return codes.compacted(cell), codes.code_fault(cell)


def _name(cell: str) -> Read:
    if len(cell) > LONGEST_NAME:
        zh, en = f"不得超过 {LONGEST_NAME} 个字符,请缩短。", f"At most {LONGEST_NAME} characters: shorten it."
        return cell, ("too_long", zh, en)
    return cell, None


def _kind(cell: str) -> Read:
    found = KIND_NAMES.get(cell.lower())
    known = "、".join(KINDS.values())
    said = (
        "kind_unknown",
        f"没有“{cell[:20]}”这一类型。请从以下选择:{known}。",
        f"There is no kind '{cell[:20]}'. Choose one of {', '.join(KINDS)}.",
    )
    return found, None if found else said


def _division(cell: str, *, today: date) -> Read:
    try:
        divisions.check_entered(cell, today=today)
    except InvalidError as error:
        return cell, (error.code, error.zh, error.en)
    return cell, None


def _names(cell: str) -> Read:
    names = [name for name in SEPARATORS.split(cell) if name]
    said = next((said for name in names if (said := _name(name)[1])), None)
    return names[:MOST_LISTED], said


def _sectors(cell: str) -> Read:
    sectors = [item.upper() for item in SEPARATORS.split(cell) if item][:MOST_LISTED]
    return sectors, next((said for item in sectors if (said := codes.sector_fault(item))), None)


def _public(cell: str) -> Read:
    said = ("yes_or_no", "请填“是”或“否”。", "Write 是 (yes) or 否 (no).")
    return cell.lower() in YES, None if cell.lower() in (*YES, *NO) else said


def _day(cell: str, *, endless: bool) -> Read:
    """`endless`: it may say that there is no end, which is None."""
    if endless and says_no_end(cell):
        return None, None
    shown = cell[:20]
    not_a_day = ("not_a_day", f"“{shown}”不是日期,请写成 2026-07-01。", f"'{shown}' is no date: write 2026-07-01.")
    match = DAY.fullmatch(cell)
    try:
        return (bounded(date(*map(int, match.groups()))), None) if match else (None, not_a_day)
    except OutOfBoundsError:
        zh = f"“{shown}”不在 {FIRST_DAY} 至 {LAST_DAY} 之间,请更正。到期日没有终止的请填“长期”。"
        en = f"'{shown}' is not from {FIRST_DAY} to {LAST_DAY}: correct it. Write 长期 for a validity without end."
        return None, ("day_out_of_bounds", zh, en)
    except ValueError:
        return None, not_a_day


READERS: Mapping[str, Callable[[str], Read]] = {
    "code": _code, "name_zh": _name, "kind": _kind, "name_en": _name, "former_names": _names,
    "sectors": _sectors, "public": _public,
}  # fmt: skip
REQUIRED = ("code", "name_zh", "kind", "division")
DAYS = ("issued_on", "valid_from", "valid_to")
NAMELESS = (
    "required",
    "填写了资质的其他栏,请补充资质名称。",
    "Other columns of a qualification are filled in: add its name.",
)


def _read_qualification(found: Parsed, given: Mapping[str, str], *, today: date) -> None:
    prefix = "qualification"
    if prefix not in given:
        if any(name.startswith(prefix) for name in given):
            found.refuse(prefix, NAMELESS)
        return
    read: dict[str, Any] = {"name": given[prefix], **{key: given.get(f"{prefix}_{key}") for key in ("level", "number")}}
    for key in DAYS:
        name = f"{prefix}_{key}"
        read[key], said = _day(given[name], endless=key == "valid_to") if name in given else (None, None)
        if said is not None:
            found.refuse(name, said)
    for name in (prefix, f"{prefix}_level", f"{prefix}_number"):
        if said := _name(given.get(name, ""))[1]:
            found.refuse(name, said)
    try:
        found.qualification = completed(read, today=today)
    except InvalidError as error:
        found.refuse(f"{prefix}_valid_to", (error.code, error.zh, error.en))
