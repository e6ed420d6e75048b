"""Unified social credit codes (GB 32100-2015) and industries (GB/T 4754-2017)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError

from shared.errors import Fault, InvalidError

DIVISIONS: Mapping[str, tuple[int, int]] = {
    "A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52), "G": (53, 60),
    "H": (61, 62), "I": (63, 65), "J": (66, 69), "K": (70, 70), "L": (71, 72), "M": (73, 75), "N": (76, 79),
    "O": (80, 82), "P": (83, 83), "Q": (84, 85), "R": (86, 90), "S": (91, 96), "T": (97, 97),
}  # fmt: skip
"""The two-digit divisions (大类) of each section (门类), inclusive."""
SECTOR = re.compile(r"([A-T])([0-9]{2})?")

Said = tuple[str, str, str]
"""What is wrong: a stable word, in Chinese, in English."""
WRONG: Mapping[type[ValidationError], Said] = {
    InvalidLength: (
        "length",
        "统一社会信用代码应为18位,请核对营业执照。",
        "A unified social credit code has 18 characters. Compare it with the licence.",
    ),
    InvalidFormat: (
        "format",
        "统一社会信用代码前8位为数字,其余为数字或大写字母(不含 I、O、Z、S、V),请更正。",
        "A unified social credit code has 8 digits, then digits or capitals without I, O, Z, S and V. Correct it.",
    ),
    InvalidChecksum: (
        "checksum",
        "统一社会信用代码的校验码(第18位)不符,至少有一位写错,请核对营业执照。",
        "The check character (the 18th) of this credit code does not fit: at least one character is wrong. Compare it.",
    ),
}


def compacted(code: str) -> str:
    """Without separators, in capitals."""
    return str(uscc.compact(code))


def code_fault(code: str) -> Said | None:
    """Which check a credit code fails: length, format or checksum; None when it fails none."""
    try:
        uscc.validate(code)
    except ValidationError as error:
        return WRONG[type(error)]
    return None


def check_code(code: str) -> str:
    """The code in its one form; raises `InvalidError` that says which check failed."""
    said = code_fault(code)
    if said is not None:
        name, zh, en = said
        raise InvalidError(f"credit_code_{name}", zh, en, [Fault("/code", zh, en)])
    return compacted(code)


def sector_fault(sector: str) -> Said | None:
    """What is wrong with an industry: a section letter, which a two-digit division of that section may follow."""
    match = SECTOR.fullmatch(sector)
    if match is None:
        return (
            "sector_format",
            f"行业“{sector}”应为 GB/T 4754-2017 门类字母(A–T),可加两位大类,例如 C36。",
            f"The sector '{sector}' must be a section letter of GB/T 4754-2017 (A-T), or with a division, such as C36.",
        )
    first, last = DIVISIONS[match[1]]
    if match[2] and not first <= int(match[2]) <= last:
        return (
            "sector_division",
            f"大类 {match[2]} 不属于门类 {match[1]}({first:02}–{last:02}),请更正。",
            f"Division {match[2]} is not in section {match[1]}, which has {first:02} to {last:02}. Correct it.",
        )
    return None


def check_sectors(sectors: Sequence[str]) -> None:
    """Raises one `InvalidError` with every fault."""
    said = {index: fault for index, sector in enumerate(sectors) if (fault := sector_fault(sector))}
    if said:
        faults = [Fault(f"/sectors/{index}", zh, en) for index, (_name, zh, en) in said.items()]
        raise InvalidError("sectors_invalid", "行业代码有误,请更正。", "A sector is wrong. Correct it.", faults)
