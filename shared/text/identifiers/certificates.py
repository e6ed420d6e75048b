"""Numbers of certificates: `CODE-YEAR-RANDOM-CHECK` (docs/decisions/0011), read however they are written down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from stdnum.iso7064 import mod_37_36

from shared.text.identifiers.writing import NotOneError, Said, compactly, crockford

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without the letters that are read as digits."""
YEAR, RANDOM = 4, 12
CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
WRONG: Said = (
    "wrong",
    "这不是证书编号。请与证书逐字核对,形如 SICHUAN-2026-7K3M9QX2TB4D-U。",
    "This is no number of a certificate. Compare it character by character; it looks like SICHUAN-2026-7K3M9QX2TB4D-U.",
)


@dataclass(frozen=True)
class Number:
    """A certificate's number as it is printed: tenant code, year, 12 random characters, ISO 7064 check character."""

    code: str
    text: str


@lru_cache(maxsize=4096)
def read(text: str) -> Number:
    """The number; raises `NotOneError` when its form or check character is wrong.

    Only the tenant's code has hyphens of its own, so that all others may be missing or stand elsewhere.
    """
    given = compactly(text)
    last = YEAR + RANDOM + 1
    if not given.isascii() or not given.replace("-", "").isalnum() or len(given.replace("-", "")) <= last:
        raise NotOneError(WRONG)
    at, found = len(given), 0
    while found < last:
        at -= 1
        found += given[at] != "-"
    code, tail = given[:at].strip("-"), given[at:].replace("-", "")
    year, random, check = crockford(tail[:YEAR]), crockford(tail[YEAR:-1]), tail[-1:]
    if not (CODE.fullmatch(code) and year.isdigit() and set(random) <= set(ALPHABET)):
        raise NotOneError(WRONG)
    body = f"{code}-{year}-{random}"
    # The check character is one of 36, so here a look-alike is what it looks like.
    right = check_of(body)
    if crockford(right) != crockford(check):
        raise NotOneError(WRONG)
    return Number(code.lower(), f"{body}-{right}")


def normal(text: str) -> str:
    """The number as it is printed; raises `NotOneError`."""
    return read(text).text


def check_of(body: str) -> str:
    """ISO/IEC 7064, MOD 37,36."""
    return str(mod_37_36.calc_check_digit(body.replace("-", "")))
