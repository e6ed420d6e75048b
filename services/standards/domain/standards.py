"""Released standards: from when to when one is in force, who must agree to its end, and what each issuer may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from events.canonical import Json
from services.standards.domain.lifecycles import STANDARD_LIFECYCLE
from services.standards.domain.projects import content_hash
from shared.core.calendar import start_of
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.rules.periods import with_period
from shared.rules.signed_commands import Commands, commands_of

STEPS = {"in_force": "begin", "superseded": "supersede", "withdrawn": "withdraw"}
"""The step of the lifecycle that leads to a spell's state when its moment has come."""

SIGN_COMMAND = "standards.project.sign"
"""The command by which an issuer signs."""
Ends = Mapping[str, Json]
"""`{"state", "on", "agreed": [tenants], "restoring": [tenants], "by": id | None}`."""


def first_periods(released_at: datetime, effective_from: date) -> list[dict[str, Json]]:
    """Published, then in force from the day's beginning: what is to come is said already, for any moment is asked."""
    if start_of(effective_from) <= released_at:
        return with_period([], "in_force", since=released_at)
    return with_period(with_period([], "published", since=released_at), "in_force", since=start_of(effective_from))


def is_set(ends: Ends | None, issuers: Sequence[UUID]) -> bool:
    """Whether an end is decided: superseded, or agreed by every issuer."""
    return ends is not None and {str(issuer) for issuer in issuers} <= set(ends["agreed"])


def awaited(ends: Ends | None, action: str, *, issuers: Sequence[UUID]) -> list[UUID]:
    """Whose word for an end (`withdraw`), or against one that all had agreed to (`restore`), another one waits for."""
    if ends is None or is_set(ends, issuers) != (action == "restore"):
        return []
    said = ends["agreed"] if action == "withdraw" else ends["restoring"]
    return [issuer for issuer in issuers if str(issuer) not in said] if said else []


def agreed(ends: Ends | None, tenant: UUID, *, on: date, issuers: Sequence[UUID]) -> dict[str, Json]:
    """With this issuer's word for the day; another day than the one on the table begins anew. Raises ConflictError."""
    if ends is not None and is_set(ends, issuers):
        raise ConflictError(
            "end_set",
            f"该标准已定于 {ends['on']} 终止({ends['state']})。如属错误,请各发布方先更正。",
            f"Its end is set for {ends['on']} already ({ends['state']}). If wrong, all issuers restore it first.",
        )
    before = list(ends["agreed"]) if ends is not None and ends["on"] == str(on) else []
    if str(tenant) in before:
        raise ConflictError(
            "already_agreed",
            "贵方已同意该废止日期,无需重复。请等待其他发布方。",
            "You have agreed to this day already. There is nothing to do but wait for the other issuers.",
        )
    return {"state": "withdrawn", "on": str(on), "agreed": [*before, str(tenant)], "restoring": [], "by": None}


def restoring(ends: Ends, tenant: UUID) -> dict[str, Json]:
    """With this issuer's word that the end was a mistake; raises `ConflictError` where it has said so already."""
    before = ends["restoring"]
    if str(tenant) in before:
        raise ConflictError(
            "already_agreed",
            "贵方已同意恢复,无需重复。请等待其他发布方。",
            "You have agreed to restore it already. There is nothing to do but wait for the other issuers.",
        )
    return {**ends, "restoring": [*before, str(tenant)]}


def is_restored(ends: Ends, issuers: Sequence[UUID]) -> bool:
    """Whether every issuer has said that the end was a mistake."""
    return {str(issuer) for issuer in issuers} <= set(ends["restoring"])


def check_end(on: date, *, today: date) -> None:
    """A standard ends today or later; raises `InvalidError`."""
    if on < today:
        raise InvalidError(
            "effective_on_past",
            f"废止日期 {on} 已过。请选择今天或以后的日期。",
            f"The day {on} is over. Choose today or a later day.",
            [Fault("/effective_on", "应为今天或以后", "Must be today or later")],
        )


def signed_commands(home: UUID, standard: Mapping[str, Json]) -> Commands:
    """By which commands the issuers beside the home signed just this content; raises ValueError, TypeError or KeyError.

    Their home alone says what a standard is: nobody becomes an issuer by another's word.
    """
    others = {UUID(item["tenant"]) for item in standard["issuers"]} - {home}
    asked = SIGN_COMMAND, UUID(standard["project_id"])
    signed = content_hash(standard) if others else standard["content_hash"]
    commands = commands_of(standard["signatures"], home=home, asked=asked, content_hash=signed)
    if others - {tenant for tenant, _command in commands}:
        raise ValueError("not all issuers have signed")
    return commands


def check_replaced(state: str, ends: Ends | None, *, issuers: tuple[Sequence[UUID], Sequence[UUID]]) -> str | None:
    """Why a standard with the first issuers cannot be replaced by one of the second; None if it can.

    Those who sign the new text agree to the end of the old one, so all issuers of the old one must be among them.
    """
    older, newer = issuers
    if state not in ("published", "in_force") or is_set(ends, older):
        return "ended"
    return None if set(older) <= set(newer) else "other_issuers"


def check_restorable(ends: Ends | None) -> None:
    """Raises `ConflictError` where no end was set or proposed."""
    if ends is None:
        raise ConflictError(
            "nothing_to_restore",
            "该标准没有待更正的废止或代替。请刷新后核对。",
            "No end of this standard is set or proposed, so there is nothing to correct. Reload and check.",
        )


def allowed_actions(state: str, ends: Ends | None, *, tenant: UUID, issuers: Sequence[UUID], leads: bool) -> list[str]:
    """What an issuer may do now."""
    actions = set(STANDARD_LIFECYCLE.actions(state)) & {"withdraw", "restore"}
    if is_set(ends, issuers) or tenant not in issuers:
        actions.discard("withdraw")
    # Who leads takes back what is only proposed; what all have set, each issuer once.
    may_restore = leads
    if ends is not None and is_set(ends, issuers):
        may_restore = tenant in issuers and str(tenant) not in ends["restoring"]
    if ends is None or not may_restore:
        actions.discard("restore")
    return sorted(actions)
