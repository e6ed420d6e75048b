"""Industries (GB/T 4754-2017)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shared.core.errors import Fault, InvalidError
from shared.text.identifiers import Said

DIVISIONS: Mapping[str, tuple[int, int]] = {
    "A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52), "G": (53, 60),
    "H": (61, 62), "I": (63, 65), "J": (66, 69), "K": (70, 70), "L": (71, 72), "M": (73, 75), "N": (76, 79),
    "O": (80, 82), "P": (83, 83), "Q": (84, 85), "R": (86, 90), "S": (91, 96), "T": (97, 97),
}  # fmt: skip
"""The two-digit divisions (大类) of each section (门类), inclusive."""
SECTOR = re.compile(r"([A-T])([0-9]{2})?")


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
