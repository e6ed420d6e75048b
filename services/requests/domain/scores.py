"""How well terms are kept: lights by thresholds, and too few cases to say.

Thresholds are SOLVIT's (European Commission, single market scoreboard): green above 75 %, yellow from 55 %, red below;
bodies with fewer than ten cases are marked, those with none are not rated.
"""

from __future__ import annotations

from decimal import Decimal

GREEN, YELLOW = Decimal(75), Decimal(55)
FEW = 10
LIGHTS = ("green", "yellow", "red", "too_few", "none")


def share(kept: int, *, of: int) -> Decimal | None:
    """Per cent with one decimal; None of nothing."""
    return None if of == 0 else (Decimal(kept) * 100 / of).quantize(Decimal("0.1"))


def light(kept: int, *, of: int) -> str:
    """By the exact share, not the one that is shown."""
    if of < FEW:
        return "too_few" if of else "none"
    exact = Decimal(kept) * 100 / of
    if exact > GREEN:
        return "green"
    return "yellow" if exact >= YELLOW else "red"
