"""A revision of the agreement: its lifecycle and what a party may do to it.

Once all have signed one content it is agreed, and in force from its day on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from events.canonical import Json
from services.parks.domain.park import Tenant
from shared.core.calendar import read_day, start_of
from shared.core.errors import ConflictError
from shared.rules.lifecycle import Lifecycle, Step

AGREEMENT_LIFECYCLE = Lifecycle(
    "agreement",
    "proposed",
    (
        Step("amend", ("proposed",), "proposed"),
        Step("sign", ("proposed",), "proposed"),
        Step("conclude", ("proposed",), "in_force"),
        Step("agree", ("proposed",), "agreed"),
        Step("begin", ("agreed",), "in_force"),
        Step("withdraw", ("proposed",), "withdrawn"),
        Step("refuse", ("proposed",), "refused"),
        Step("supersede", ("agreed", "in_force"), "superseded"),
        Step("end", ("agreed", "in_force"), "ended"),
    ),
    words="services.parks",
)

SIGNED = ("agreed", "in_force")
"""What all have signed and what nothing has ended yet."""
SKEW = timedelta(minutes=10)
"""By how much the clocks of two cells may differ."""


def allowed_actions(
    state: str, *, park_goes_on: bool, tenant: Tenant, proposer: Tenant, signed: Sequence[str]
) -> tuple[str, ...]:
    """What a person of this party may do to the revision now, sorted; `signed` are those who have signed it."""
    if state != "proposed":
        return ()
    actions = {"refuse"} if str(tenant) != str(proposer) else set() if set(signed) - {str(proposer)} else {"withdraw"}
    if park_goes_on:
        actions |= {"amend"} if str(tenant) in signed else {"amend", "sign"}
    return tuple(sorted(actions))


def check_unsigned(signed: Sequence[str], proposer: Tenant) -> None:
    """What another has signed is not just taken back; raises `ConflictError`."""
    if set(signed) - {str(proposer)}:
        raise ConflictError(
            "signed_by_others",
            "其他参与方已签署该版协议,不能撤回。请修改协议,或请对方拒绝。",
            "Another party has signed this revision, so it cannot be withdrawn. Amend it, or ask the others to refuse.",
        )


def check_next(
    after: Mapping[str, Json], before: Mapping[str, Json] | None, *, by: UUID, at: datetime, signers: Collection[UUID]
) -> None:
    """Raises ValueError where a home says what does not follow from before, or from what all `signers` have signed.

    `by` is who is said to have acted, `at` when the home says it: nothing is in force before its day.
    """
    if before is not None and not AGREEMENT_LIFECYCLE.leads(before["state"], after["state"]):
        raise ValueError(f"what was {before['state']} is said to be {after['state']}")
    if before is not None and before["state"] != "proposed":
        if any(after[name] != before[name] for name in ("content_hash", "signatures")):
            raise ValueError("what all have signed was changed")
    elif after["state"] not in ("proposed", "withdrawn", "refused"):
        signed = {signature["tenant"] for signature in after["signatures"]}
        if {str(tenant) for tenant in signers} - signed:
            raise ValueError("it is said to hold, and not all have signed")
    _check_given_up(after, before, by=by)
    if after["state"] == "in_force" and at + SKEW < start_of(read_day(after["effective_from"])):
        raise ValueError("it is said to be in force before its day")


def _check_given_up(after: Mapping[str, Json], before: Mapping[str, Json] | None, *, by: UUID) -> None:
    if before is None or before["state"] != "proposed":
        return
    proposer, signed = after["proposer"], {signature["tenant"] for signature in before["signatures"]}
    if after["state"] == "withdrawn" and (str(by) != proposer or signed - {proposer}):
        raise ValueError("it is said to be withdrawn, and not by whoever proposed it before others had signed")
    if after["state"] == "refused" and (after["refused_by"] != str(by) or str(by) == proposer):
        raise ValueError("it is said to be refused by one who did not")


def check_parties_stay(terms: Mapping[str, Json], parties: Collection[str]) -> None:
    """Nobody signs what gives or asks something of a tenant that has left; raises `ConflictError`."""
    named = {tenant for share in terms["shares"] for tenant in share["ratios"]}
    named |= {obligation["party"] for obligation in terms["obligations"]}
    if gone := sorted(named - set(parties)):
        raise ConflictError(
            "party_left",
            f"协议条款涉及已不是参与方的辖区({'、'.join(gone)})。请先修改条款,再签署。",
            f"The terms name tenants that are parties no longer ({', '.join(gone)}). Amend the terms, then sign.",
        )


def check_proposal(open_revision: int | None) -> None:
    """One text is on the table at a time, so that nobody signs one revision while others sign another."""
    if open_revision is not None:
        raise ConflictError(
            "proposal_open",
            f"第 {open_revision} 版协议尚待签署。请修改、签署、拒绝或撤回该版本后再提出新协议。",
            f"Revision {open_revision} still awaits signatures. Amend, sign, refuse or withdraw it first.",
        )
