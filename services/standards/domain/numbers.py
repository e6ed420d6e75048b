"""Numbers of certificates: they name their home, cannot be guessed, and a typing error is noticed."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without the letters that are read as digits."""
RANDOM = 12
"""60 random bits: where a tenant has issued 10^6 in a year, 10^4 guesses hit one with a chance of 10^-8."""
FORM = re.compile(
    r"(?P<code>[A-Z0-9]+(?:-[A-Z0-9]+)*)-(?P<year>[0-9]{4})-(?P<random>[0-9A-HJKMNP-TV-Z]{12})-(?P<check>[0-9A-Z])"
)


@dataclass(frozen=True)
class Number:
    """A certificate's number as it is printed: tenant code, year, 12 random characters, ISO 7064 check character."""

    code: str
    text: str


def new_number(code: str, year: int) -> str:
    """A number nobody can foretell, for a tenant with this code."""
    body = f"{code.upper()}-{year}-{''.join(secrets.choice(ALPHABET) for _ in range(RANDOM))}"
    return f"{body}-{_check(body)}"


def read_number(text: str) -> Number | None:
    """The number, also as somebody types it (lower case, spaces); None when its form or check character is wrong."""
    given = written(text)
    found = FORM.fullmatch(given)
    if found is None or _check(given.rpartition("-")[0]) != found["check"]:
        return None
    return Number(found["code"].lower(), given)


def written(text: str) -> str:
    """As a number is printed: in capitals, without spaces."""
    return re.sub(r"\s+", "", text).upper()


def certificate_nonce(number: str) -> str:
    """What makes the id of a certificate follow from its number and home: nobody can issue another's number."""
    return f"certificate/{number}"


def _check(body: str) -> str:
    """ISO/IEC 7064, MOD 37,36."""
    return str(mod_37_36.calc_check_digit(body.replace("-", "")))
