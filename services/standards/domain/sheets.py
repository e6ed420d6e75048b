"""Requirement sheets: what a standard asks for as lines of plain values, one for each parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from events.canonical import Json, canonical
from shared.core.errors import Fault, InvalidError

COMPARISONS = ("<=", "<", ">=", ">", "=", "text")
MOST_LINES = 150
MOST_MATERIALS = 20
LARGEST_SHEET = 30 * 1024
"""Bytes of the canonical form: with texts, issuers and signatures the state stays under the machine's 64 KB."""

Line = Mapping[str, Json]
"""`{"clause", "parameter", "comparison", "limit", "unit": str | None, "method": str | None, "materials": [str]}`.

`limit` is a plain decimal with the digits it is written with, or any text where the comparison is "text": the last
digit that a standard writes is part of its limit, so 18.0 is not 18 (GB/T 8170-2008, 4.1.2). Unless the standard says
otherwise a measured value is held against it with all its digits (4.3.1), and then both admit the same values.
"""
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?")


def checked(sheet: Sequence[Line]) -> list[dict[str, Json]]:
    """The lines in the one form that is hashed; raises `InvalidError` with a pointer for each fault."""
    zh = "须为普通十进制数,如 0.124,至多 9 位小数;不是数值的要求请选用文字比较"
    en = 'Must be a plain decimal such as 0.124, at most 9 decimals; use comparison "text" for what is no number'
    faults = [
        Fault(f"/sheet/{index}/limit", zh, en)
        for index, line in enumerate(sheet)
        if line["comparison"] != "text" and not DECIMAL.fullmatch(str(line["limit"]))
    ]
    seen: dict[str, int] = {}
    for index, line in enumerate(sheet):
        first = seen.setdefault(line["parameter"], index)
        if first != index:
            zh, en = f"与第 {first + 1} 行参数重复,请合并", f"Line {first + 1} is about the same parameter: merge them"
            faults.append(Fault(f"/sheet/{index}/parameter", zh, en))
    if faults:
        raise InvalidError(
            "sheet_invalid",
            "要求表有误。请按所列各行更正。",
            "The requirement sheet is not right. Correct the lines named here.",
            faults,
        )
    made = [{**line, "limit": _normal(line)} for line in sheet]
    size = len(canonical(made))
    if len(made) > MOST_LINES or size > LARGEST_SHEET:
        raise InvalidError(
            "sheet_too_large",
            f"要求表过大({len(made)} 行、{size} 字节,上限 {MOST_LINES} 行、{LARGEST_SHEET} 字节)。请拆分或缩短。",
            f"The sheet is too large ({len(made)} lines, {size} bytes; at most {MOST_LINES} and {LARGEST_SHEET}). "
            "Split the standard, or shorten its texts.",
        )
    return made


def by_parameter(sheet: Sequence[Line]) -> dict[str, Line]:
    """The lines by what they are about, in their order."""
    return {line["parameter"]: line for line in sheet}


def _normal(line: Line) -> str:
    limit = str(line["limit"])
    if line["comparison"] == "text":
        return limit
    return limit.removeprefix("-") if not Decimal(limit) else limit


def number(line: Line) -> Decimal | None:
    """The limit as a number; None where it is a text."""
    return None if line["comparison"] == "text" else Decimal(line["limit"])
