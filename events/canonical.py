"""Canonical bytes (RFC 8785) of plain values: what is hashed and signed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import rfc8785

from events.text import FreeText

Json = Any
"""A JSON value; mypy cannot bound the recursion usefully, so it is `Any` by this one name."""

LARGEST_INTEGER = 2**53 - 1
"""RFC 8785 numbers are IEEE 754 doubles: larger integers travel as strings."""
UNCHANGED = (str, bool, type(None))
SEQUENCES = (list, tuple, set, frozenset)
SORTED = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
POINT, MINUS, PLUS = (
    re.compile(start + rb"[0-9]+(?:e[-+]?[0-9]+)?(?:[,\]}]|$)").search for start in (rb"\.", rb"e-", rb"e\+")
)
"""What ends as floats do. Each begins with a literal, so that most bytes are passed over quickly."""
FAR = re.compile(rb"[\xf0-\xf4]").search
"""What characters begin with that UTF-16 sorts elsewhere than UTF-8."""


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds and `Z`; raises ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a time without zone cannot be signed")
    return moment.astimezone(tz=UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


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
    # The abstract class last: asking whether something is one costs more than all the others.
    if isinstance(value, dict) or (not isinstance(value, SEQUENCES) and isinstance(value, Mapping)):
        # Most values are texts, to see which costs less than to call.
        return {str(key): item if type(item) in UNCHANGED else plain(item, texts) for key, item in value.items()}
    if isinstance(value, SEQUENCES):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [item if type(item) in UNCHANGED else plain(item, texts) for item in items]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name), texts) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Json) -> bytes:
    """RFC 8785 bytes of a JSON value as `plain` or reading gives it; raises ValueError for what has none.

    orjson gives the same bytes, many times faster, where no number is a float and no key needs sorting by UTF-16 units;
    everything signed here is so. Anything else goes the long way (a test holds both equal).
    """
    try:
        made = orjson.dumps(value, option=SORTED)
    except TypeError:
        return rfc8785.dumps(value)
    if POINT(made) or MINUS(made) or PLUS(made) or (not made.isascii() and FAR(made)):
        # A float, or a character that is sorted elsewhere, or a text that looks so, to which it does no harm.
        return rfc8785.dumps(value)
    return made


def digest(value: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(value).hexdigest()
