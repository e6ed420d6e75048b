"""Canonical bytes (RFC 8785) of plain values: what is hashed and signed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import rfc8785

from events.text import FreeText

Json = Any
"""A JSON value; mypy cannot bound the recursion usefully, so it is `Any` by this one name."""

LARGEST_INTEGER = 2**53 - 1
"""RFC 8785 numbers are IEEE 754 doubles: larger integers travel as strings."""
UNCHANGED = (str, bool, type(None))
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
"""Made once: `json.dumps` makes one each time."""


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds and `Z`; raises ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a time without zone cannot be signed")
    return moment.astimezone(tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(value: object, texts: dict[str, FreeText] | None = None) -> Json:  # noqa: PLR0911 - one per kind of value
    """Turn a Python value into JSON: decimals and large integers become strings, free text its digest.

    The free texts themselves, which travel beside what is signed, are put into `texts` by their digests.
    """
    if isinstance(value, UNCHANGED):
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_INTEGER else str(value)
    if isinstance(value, date):
        return instant(value) if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, UUID | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, FreeText):
        digested = value.digest
        if texts is not None:
            texts[digested] = value
        return digested
    if isinstance(value, Mapping):
        return {str(key): plain(item, texts) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, texts) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name), texts) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Json) -> bytes:
    """RFC 8785 bytes of a JSON value; raises ValueError for what has none.

    Python's own encoder gives the same bytes, ten times faster, where no number is a float and no key needs sorting
    by UTF-16 units; everything signed here is so. Anything else goes the long way (a test holds both equal).
    """
    if _simple(value):
        return ENCODER.encode(value).encode()
    return rfc8785.dumps(value)


def _simple(value: Json) -> bool:
    kind = type(value)
    if kind is int:
        return bool(-LARGEST_INTEGER <= value <= LARGEST_INTEGER)
    if kind is dict:
        for key in value:
            if type(key) is not str or not key.isascii():
                return False
        value = value.values()
    elif kind is not list:
        return kind in UNCHANGED
    # All that is signed and verified passes here, and most of it is text.
    return all(type(item) is str or _simple(item) for item in value)


def digest(value: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(value).hexdigest()
