"""Which scopes a client may ask for and a token may carry."""

from __future__ import annotations

from collections.abc import Collection

from services.identity.domain.roles import PLATFORM_ONLY
from shared.rules.scopes import SCOPES

OFFLINE = "offline_access"
OF_OPENID = ("openid", "profile", "email", OFFLINE)
"""Apart from the API's scopes: every client with people behind it may ask for them."""
EVERYTHING = "*"


class ScopeUnknownError(ValueError):
    """A scope was asked for that does not exist or is not the client's."""


def of_api(allowed: Collection[str], *, of_platform: bool) -> frozenset[str]:
    """The API's scopes among those a client is registered for; `*` is all below the tenant's ceiling."""
    known = frozenset(SCOPES) if of_platform else frozenset(SCOPES).difference(PLATFORM_ONLY)
    return known if EVERYTHING in allowed else known.intersection(allowed)


def ceiling(asked: str, allowed: Collection[str], *, with_people: bool) -> str:
    """What a token may carry at most, sorted; raises `ScopeUnknownError`. Asking for nothing asks for all of the API.

    `offline_access` by itself asks for nothing else than to keep that: it says how long, not what.

    Whether the tenant has the platform's own scopes is decided by the roles of whoever stands behind the token.
    """
    wanted, api = set(asked.split()), of_api(allowed, of_platform=True)
    if not wanted - ({OFFLINE} if with_people else set()):
        return " ".join(sorted(api | wanted))
    if wanted - api - set(OF_OPENID if with_people else ()):
        raise ScopeUnknownError
    return " ".join(sorted(wanted))


def granted(limit: str, held: Collection[str]) -> str:
    """Of `limit` what its owner holds today; the scopes of OpenID need no role."""
    return " ".join(scope for scope in limit.split() if scope in held or scope in OF_OPENID)
