"""Identifiers as people write them: each kind has one normal form, in which it is kept and in which it is asked for.

`KINDS` is the one table; fields (`shared.http.fields.Identifier`), addresses (`shared.http.types`), forms and cells of
imported files read it, so that what is compared is never what somebody's keyboard or printer made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.errors import Fault, InvalidError
from shared.identifiers import certificates, codes, credit_codes, standards
from shared.identifiers.writing import NotOneError, Said


@dataclass(frozen=True)
class Kind:
    """`normal` gives the one form, of which it makes the same again, or raises `NotOneError`."""

    normal: Callable[[str], str]
    longest: int
    """Characters in which it may be written, separators included."""


KINDS: Mapping[str, Kind] = {
    "account": Kind(codes.account, 110),
    "certificate_number": Kind(certificates.normal, 80),
    "client": Kind(codes.client, 60),
    "credit_code": Kind(credit_codes.normal, 40),
    "digest": Kind(codes.digest, 80),
    "division_code": Kind(codes.division_code, 20),
    "login": Kind(codes.login, 80),
    "login_start": Kind(codes.login_start, 110),
    "paper_number": Kind(codes.paper_number, 100),
    "product_class": Kind(codes.product_class, 10),
    "project_number": Kind(standards.project_number, 60),
    "role": Kind(codes.role, 60),
    "sector": Kind(codes.sector, 10),
    "sha256": Kind(codes.sha256, 70),
    "standard_number": Kind(standards.standard_number, 60),
    "tenant_code": Kind(codes.tenant_code, 60),
}


def normal(kind: str, text: str) -> str:
    """The one form of an identifier; raises `NotOneError` for what cannot be one of this kind."""
    return KINDS[kind].normal(text)


def form(kind: str, text: str) -> str:
    """As `normal`, but what cannot be one is itself: to compare what is judged elsewhere."""
    try:
        return normal(kind, text)
    except NotOneError:
        return text


def fault(kind: str, text: str) -> tuple[str, Said | None]:
    """The one form, and what is wrong where there is none."""
    try:
        return normal(kind, text), None
    except NotOneError as error:
        return text, error.said


def checked(kind: str, text: str, *, pointer: str) -> str:
    """As `normal`, for commands and queries: raises `InvalidError` with the reason, which never quotes the input."""
    try:
        return normal(kind, text)
    except NotOneError as error:
        code, zh, en = error.said
        raise InvalidError(f"{kind}_{code}", zh, en, [Fault(pointer, zh, en)]) from error


__all__ = ["KINDS", "Kind", "NotOneError", "Said", "checked", "fault", "form", "normal"]
