"""Users: their lifecycle, their login names, and who may sign in."""

from __future__ import annotations

from shared.lifecycle import Lifecycle, Step

LOGIN = r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?"
"""The part before the `@`; what follows it is the code of the tenant that keeps the account."""

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
    """`name@tenant` as typed, in lower case, or None when it is not of that form."""
    name, at, code = given.strip().lower().rpartition("@")
    return (name, code) if at and name and code else None
