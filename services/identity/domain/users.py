"""Users: their lifecycle, their login names, and who may sign in."""

from __future__ import annotations

from shared.identifiers.writing import NotOneError, compactly
from shared.lifecycle import Lifecycle, Step

USER_LIFECYCLE = Lifecycle(
    "user",
    "invited",
    (
        Step("activate", ("invited",), "active"),
        Step("lock", ("active",), "locked"),
        Step("unlock", ("locked",), "active"),
        Step("deactivate", ("invited", "active", "locked"), "deactivated"),
        Step("reactivate", ("deactivated",), "active"),
        Step("erase", ("deactivated",), "erased"),
    ),
)

MEMBERSHIP_LIFECYCLE = Lifecycle(
    "membership",
    "invited",
    (
        Step("accept", ("invited",), "active"),
        Step("end", ("invited", "active"), "ended"),
        Step("invite", ("ended",), "invited"),
    ),
)

CLIENT_LIFECYCLE = Lifecycle("client", "active", (Step("close", ("active",), "closed"),))


def login_parts(given: str) -> tuple[str, str] | None:
    """The two parts of `name@tenant`, however it was typed, or None when it is not of that form."""
    try:
        name, at, code = compactly(given).lower().rpartition("@")
    except NotOneError:
        return None
    return (name, code) if at and name and code else None
