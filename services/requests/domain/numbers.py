"""Numbers of cases: tenant, year, a sequence without gaps, and a check character; one for the life of a case."""

from __future__ import annotations

from shared.text.identifiers.certificates import check_of

DIGITS = 7


def number_of(code: str, *, year: int, sequence: int) -> str:
    """`SICHUAN-2026-0000123-K`: the tenant's code, the year it was filed, the sequence, ISO/IEC 7064 MOD 37,36."""
    body = f"{code.upper()}-{year}-{sequence:0{DIGITS}}"
    return f"{body}-{check_of(body)}"
