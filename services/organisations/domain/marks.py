"""What is wrong with a cell of an import file whatever its column: that it is no text, and not what may stand there."""

from __future__ import annotations

from collections.abc import Mapping

from shared.tables.faults import FAULTS, Said
from shared.tables.rows import DOUBTFUL, Mark

DAYS = ("qualification_issued_on", "qualification_valid_from", "qualification_valid_to")
TAKEN: Mapping[Mark, tuple[str, ...]] = {"boolean": ("public",), "day": DAYS}
"""The columns in which a value that is no text is taken; a number is taken in each but `DAYS`, as it is shown."""


def mark_fault(mark: Mark, column: str, *, text: str) -> Said | None:
    """What is wrong with a marked cell in this column; None where its value may be taken."""
    if mark == "number":
        return (
            None
            if column not in DAYS
            else (
                "not_a_day",
                f"是数字 {text[:20]},不是日期。请设为日期格式,或写成 2026-07-01。",
                f"Is the number {text[:20]}, no date: format the cell as a date, or write 2026-07-01.",
            )
        )
    return None if column in TAKEN.get(mark, ()) else FAULTS[mark]


def comes_back(text: str, mark: Mark, *, column: str) -> str:
    """A cell as it goes out in the report: a text that is not what was seen there is still a fault when it returns."""
    is_unlike = mark in ("boolean", "day", "shown", "no_day") and column not in DAYS
    return f"{DOUBTFUL}{text}" if is_unlike and mark_fault(mark, column, text=text) else text
