"""Identifiers as people write them: each kind has one normal form, in which it is kept and in which it is asked for.

`KINDS` is the one table; fields (`shared.http.fields.texts.Identifier`), addresses (`shared.http.fields.path_types`),
forms and cells of imported files read it, so that what is compared is never what a keyboard or printer made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.core.errors import Fault, InvalidError
from shared.text.identifiers import certificates, codes, credit_codes, standards
from shared.text.identifiers.writing import NotOneError, Said


@dataclass(frozen=True)
class IdentifierKind:
    """`normal` gives the one form, of which it makes the same again, or raises `NotOneError`."""

    normal: Callable[[str], str]
    longest: int
    """Characters in which it may be written, separators included."""


KINDS: Mapping[str, IdentifierKind] = {
    "account": IdentifierKind(codes.account, 110),
    "certificate_number": IdentifierKind(certificates.normal, 80),
    "client": IdentifierKind(codes.client, 60),
    "credit_code": IdentifierKind(credit_codes.normal, 40),
    "digest": IdentifierKind(codes.digest, 80),
    "division_code": IdentifierKind(codes.division_code, 20),
    "login": IdentifierKind(codes.login, 80),
    "login_start": IdentifierKind(codes.login_start, 110),
    "paper_number": IdentifierKind(codes.paper_number, 100),
    "product_class": IdentifierKind(codes.product_class, 10),
    "project_number": IdentifierKind(standards.project_number, 60),
    "role": IdentifierKind(codes.role, 60),
    "sector": IdentifierKind(codes.sector, 10),
    "sha256": IdentifierKind(codes.sha256, 70),
    "standard_number": IdentifierKind(standards.standard_number, 60),
    "tenant_code": IdentifierKind(codes.tenant_code, 60),
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
