"""JOSE tokens that others made (RFC 7515): read within bounds before a library looks at them, proven afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError

from events.foreign import MALFORMED, read
from shared.core.encoding import b64decode

NO_TOKEN = (JoseError, *MALFORMED)
"""What reading and verifying a token may raise when it is none, or not believed."""
LARGEST_TOKEN = 8000
"""Characters; with its name it fits into a header (`shared.server.bounds`)."""
DEEPEST = 16


@dataclass(frozen=True)
class Unproven:
    """What a token says, as yet by nobody."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def opened(token: str, *, largest: int = LARGEST_TOKEN) -> Unproven:
    """Header and claims of a compact token; raises ValueError for what is too large, too deep or no token."""
    if len(token) > largest or not token.isascii():
        raise ValueError("too large, or not ASCII")
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("not three parts")
    header, claims = (read(b64decode(part), largest=largest, deepest=DEEPEST) for part in parts[:2])
    if not isinstance(header, dict) or not isinstance(claims, dict):
        # The libraries take members from both without a look.
        raise ValueError("not objects")  # noqa: TRY004 - of the same kind as all else that is wrong with it
    return Unproven(header, claims)
