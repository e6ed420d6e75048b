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


MANAGE = "users:manage"
TO_OTHERS = frozenset({"lock", "deactivate", "erase", "end_membership", "reset_factor"})
"""What nobody does to their own account."""


def actions(membership: str, user: str | None, *, has_factor: bool) -> dict[str, str]:
    """What administrators may do now, with the scope each action needs; `user` None for an account kept elsewhere."""
    found = {"end_membership": MANAGE} if "end" in MEMBERSHIP_LIFECYCLE.actions(membership) else {}
    if user is None:
        return found
    found |= {action: MANAGE for action in USER_LIFECYCLE.actions(user) if action != "activate"}
    if user != "erased":
        found |= {"revise": MANAGE, "export": MANAGE, "end_sessions": "sessions:manage"}
    if user in ("invited", "active"):
        found["invite_again"] = MANAGE
    return found | ({"reset_factor": "factors:manage"} if has_factor else {})


def login_parts(given: str) -> tuple[str, str] | None:
    """The two parts of `name@tenant`, however it was typed, or None when it is not of that form."""
    try:
        name, at, code = compactly(given).lower().rpartition("@")
    except NotOneError:
        return None
    return (name, code) if at and name and code else None
