"""Numbers of certificates: they name their home, cannot be guessed, and a typing error is noticed."""

from __future__ import annotations

import secrets

from shared.text.identifiers import NotOneError, certificates
from shared.text.identifiers.certificates import ALPHABET, RANDOM, Number, check_of


def new_number(code: str, year: int) -> str:
    """A number nobody can foretell, for a tenant with this code.

    60 random bits: where a tenant has issued 10^6 in a year, 10^4 guesses hit one with a chance of 10^-8.
    """
    body = f"{code.upper()}-{year}-{''.join(secrets.choice(ALPHABET) for _ in range(RANDOM))}"
    return f"{body}-{check_of(body)}"


def read_number(text: str) -> Number | None:
    """The number, however somebody wrote it; None when its form or check character is wrong."""
    try:
        return certificates.read(text)
    except NotOneError:
        return None


def certificate_nonce(number: str) -> str:
    """What makes the id of a certificate follow from its number and home: nobody can issue another's number."""
    return f"certificate/{number}"
