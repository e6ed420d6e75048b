"""One revision of terms that several tenants sign: its lifecycle, and what a party may do to it.

Once all have signed one content it is agreed, and in force from its day on.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from shared.core.errors import ConflictError, RefusedError
from shared.rules.lifecycle import Lifecycle, Step

SIGNED = ("agreed", "in_force")
"""States of what all have signed and what nothing has ended yet."""


def revision_lifecycle(name: str, *, words: str) -> Lifecycle:
    """The lifecycle of a revision, as this service calls it."""
    steps = (
        Step("amend", ("proposed",), "proposed"),
        Step("sign", ("proposed",), "proposed"),
        Step("conclude", ("proposed",), "in_force"),
        Step("agree", ("proposed",), "agreed"),
        Step("begin", ("agreed",), "in_force"),
        Step("withdraw", ("proposed",), "withdrawn"),
        Step("refuse", ("proposed",), "refused"),
        Step("supersede", SIGNED, "superseded"),
        Step("end", SIGNED, "ended"),
    )
    return Lifecycle(name, "proposed", steps, words=words)


def allowed_actions(
    state: str, *, can_hold: bool, tenant: UUID, proposer: UUID, signed: Collection[str]
) -> tuple[str, ...]:
    """What a person of this party may do to the revision now, sorted; `signed` are those who have signed it.

    `can_hold` says whether what it is about still goes on.
    """
    if state != "proposed":
        return ()
    actions = {"refuse"} if tenant != proposer else set() if set(signed) - {str(proposer)} else {"withdraw"}
    if can_hold:
        actions |= {"amend"} if str(tenant) in signed else {"amend", "sign"}
    return tuple(sorted(actions))


def check_none_open(revision: int | None) -> None:
    """One text is on the table at a time, so that nobody signs one revision while others sign another."""
    if revision is not None:
        raise ConflictError(
            "proposal_open",
            f"第 {revision} 版协议尚待签署。请修改、签署、拒绝或撤回该版本后再提出新协议。",
            f"Revision {revision} still awaits signatures. Amend, sign, refuse or withdraw it first.",
        )


def check_refusal(tenant: UUID, proposer: UUID) -> None:
    """The proposer withdraws; refusing is for the others. Raises `RefusedError`."""
    if tenant == proposer:
        raise RefusedError(
            "not_for_proposer",
            "提出方不能拒绝自己提出的内容。请改为撤回。",
            "The party that proposed this cannot refuse it. Withdraw it instead.",
        )


def check_withdrawal(tenant: UUID, proposer: UUID, *, signed: Collection[str]) -> None:
    """Only the proposer takes its proposal back, and only before another has signed it.

    Raises `RefusedError` for another tenant, `ConflictError` once it is signed.
    """
    if tenant != proposer:
        raise RefusedError(
            "proposer_only",
            "只有提出方可以撤回。如不同意,请拒绝并说明理由。",
            "Only the party that proposed this may withdraw it. Refuse it with a reason instead.",
        )
    if set(signed) - {str(proposer)}:
        raise ConflictError(
            "signed_by_others",
            "其他参与方已签署该版协议,不能撤回。请修改协议,或请对方拒绝。",
            "Another party has signed this revision, so it cannot be withdrawn. Amend it, or ask the others to refuse.",
        )
