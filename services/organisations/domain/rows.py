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
from shared import divisions, identifiers
from shared.errors import InvalidError
from shared.folding import UnseenError, is_blank, kept
from shared.identifiers.credit_codes import masked

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
    return {"column": column, "code": said[0], "zh": masked(said[1]), "en": masked(said[2])}


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
    for name, read in READERS.items():
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
    return identifiers.fault("credit_code", cell)


def _name(given: str) -> Read:
    try:
        cell = kept(given)
    except UnseenError as error:
        place, point = error.place, error.point
        zh = f"第 {place} 个字符 {point} 看不见、会改变显示或无法保存,请删除。"
        return given, ("unseen", zh, f"Character {place} is {point}, which is not seen as what it is: remove it.")
    if is_blank(cell):
        return cell, ("blank", "没有可见的字符,请填写。", "There is nothing to be seen: fill it in.")
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


def _division(cell: str) -> Read:
    code, said = identifiers.fault("division_code", cell)
    try:
        if said is None:
            divisions.check_code(code)
    except InvalidError as error:
        said = error.code, error.zh, error.en
    return code, said


def _names(cell: str) -> Read:
    read = [_name(name) for name in SEPARATORS.split(cell) if name]
    return [name for name, _said in read][:MOST_LISTED], next((said for _name, said in read if said), None)


def _sectors(cell: str) -> Read:
    sectors = [identifiers.form("sector", item) for item in SEPARATORS.split(cell) if item][:MOST_LISTED]
    return sectors, next((said for item in sectors if (said := codes.sector_fault(item))), None)


def _public(cell: str) -> Read:
    said = ("yes_or_no", "请填“是”或“否”。", "Write 是 (yes) or 否 (no).")
    return cell.lower() in YES, None if cell.lower() in (*YES, *NO) else said


def _day(cell: str) -> Read:
    said = ("not_a_day", f"“{cell[:20]}”不是日期,请写成 2026-07-01。", f"'{cell[:20]}' is no date: write 2026-07-01.")
    match = DAY.fullmatch(cell)
    try:
        return (date(*map(int, match.groups())), None) if match else (None, said)
    except ValueError:
        return None, said


READERS: Mapping[str, Callable[[str], Read]] = {
    "code": _code, "name_zh": _name, "kind": _kind, "division": _division, "name_en": _name, "former_names": _names,
    "sectors": _sectors, "public": _public,
}  # fmt: skip
REQUIRED = ("code", "name_zh", "kind", "division")
QUALIFIED: Mapping[str, Callable[[str], Read]] = {
    "name": _name, "level": _name, "number": partial(identifiers.fault, "paper_number"),
}  # fmt: skip
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
    read: dict[str, Any] = {}
    for key, reads in QUALIFIED.items():
        name = f"{prefix}_{key}" if key != "name" else prefix
        read[key], said = reads(given[name]) if name in given else (None, None)
        if said is not None:
            found.refuse(name, said)
    for key in DAYS:
        name = f"{prefix}_{key}"
        read[key], said = _day(given[name]) if name in given else (None, None)
        if said is not None:
            found.refuse(name, said)
    try:
        found.qualification = completed(read, today=today)
    except InvalidError as error:
        found.refuse(f"{prefix}_valid_to", (error.code, error.zh, error.en))
