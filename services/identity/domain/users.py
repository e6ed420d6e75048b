"""Users: their lifecycle, their login names, and who may sign in."""

from __future__ import annotations

from shared.rules.lifecycle import Lifecycle, Step
from shared.text.identifiers.writing import NotOneError, compactly

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
    words="services.identity",
)

MEMBERSHIP_LIFECYCLE = Lifecycle(
    "membership",
    "invited",
    (
        Step("accept", ("invited",), "active"),
        Step("end", ("invited", "active"), "ended"),
        Step("invite", ("ended",), "invited"),
    ),
    words="services.identity",
)

CLIENT_LIFECYCLE = Lifecycle("client", "active", (Step("close", ("active",), "closed"),), words="services.identity")


TO_OTHERS = frozenset({"lock", "deactivate", "erase", "end_membership", "reset_factor", "grant_role"})
"""What nobody does to their own account."""


def actions(membership: str, user: str | None, *, has_factor: bool, has_roles: bool) -> set[str]:
    """What administrators may do now; `user` None for an account kept elsewhere."""
    found = {"end_membership", "grant_role"} if "end" in MEMBERSHIP_LIFECYCLE.actions(membership) else set()
    if found and has_roles:
        found.add("withdraw_role")
    if user is None:
        return found
    found |= set(USER_LIFECYCLE.actions(user))
    if user != "erased":
        found |= {"revise", "export", "end_sessions"}
    if user in ("invited", "active"):
        found.add("invite_again")
    return found | {"reset_factor"} if has_factor else found


def login_parts(given: str) -> tuple[str, str] | None:
    """The two parts of `name@tenant`, however it was typed, or None when it is not of that form."""
    try:
        name, at, code = compactly(given).lower().rpartition("@")
    except NotOneError:
        return None
    return (name, code) if at and name and code else None
