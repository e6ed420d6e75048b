"""What is handed out: `<tenant>.<random>`, so that the right tenant's rows can be opened; only a hash is stored."""

from __future__ import annotations

import hmac
from hashlib import sha256
from secrets import token_urlsafe
from uuid import UUID

LONGEST = 200
"""Characters; nothing handed out is longer."""


def handed_out(tenant: UUID) -> str:
    """A new secret of this tenant with 256 random bits."""
    return f"{tenant.hex}.{token_urlsafe(32)}"


def hashed(secret: str) -> str:
    """What is stored; a fast hash is right for 256 random bits."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def tenant_of(secret: str) -> UUID | None:
    """The tenant a presented secret names, or None when it is not of this form."""
    name, dot, rest = secret.partition(".")
    if not dot or not rest or len(secret) > LONGEST or len(name) != 32:
        return None
    try:
        return UUID(hex=name)
    except ValueError:
        return None


def peppered(key: bytes, *parts: str) -> str:
    """A keyed hash for what has too few bits of its own: nothing is learnt from a copy of the database."""
    return hmac.new(key, "\x1f".join(parts).encode("utf-8", "surrogatepass"), sha256).hexdigest()
