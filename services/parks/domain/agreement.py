"""A revision of the agreement: its lifecycle and signatures; it is in force when all parties signed one content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from events.canonical import Json
from services.parks.domain.park import CLOSING, Party, Tenant, tenants
from shared.errors import ConflictError, RefusedError
from shared.lifecycle import Lifecycle, Step

AGREEMENT_LIFECYCLE = Lifecycle(
    "agreement",
    "proposed",
    (
        Step("amend", ("proposed",), "proposed"),
        Step("sign", ("proposed",), "proposed"),
        Step("conclude", ("proposed",), "in_force"),
        Step("withdraw", ("proposed",), "withdrawn"),
        Step("refuse", ("proposed",), "refused"),
        Step("supersede", ("in_force",), "superseded"),
        Step("end", ("in_force",), "ended"),
    ),
)

Signature = Mapping[str, Json]
"""`{"tenant", "content_hash", "signed_at", "actor"}`, all text."""


def missing_signatures(parties: Sequence[Party], signatures: Sequence[Signature], *, content_hash: str) -> list[str]:
    """The parties that have not signed this very content, in the parties' order."""
    signed = {str(signature["tenant"]) for signature in signatures if signature["content_hash"] == content_hash}
    return [name for name in tenants(parties) if name not in signed]


def allowed_actions(
    state: str, *, park_state: str, tenant: Tenant, proposer: Tenant, missing: Sequence[str]
) -> tuple[str, ...]:
    """What a person of this party may do to the revision now, sorted; `missing` is what `missing_signatures` gives."""
    if state != "proposed":
        return ()
    actions = {"withdraw" if str(tenant) == str(proposer) else "refuse"}
    if park_state not in CLOSING:
        actions |= {"amend", "sign"} if str(tenant) in missing else {"amend"}
    return tuple(sorted(actions))


def check_proposal(open_revision: int | None) -> None:
    """One text is on the table at a time, so that nobody signs one revision while others sign another."""
    if open_revision is not None:
        raise ConflictError(
            "proposal_open",
            f"第 {open_revision} 版协议尚待签署。请修改、签署、拒绝或撤回该版本后再提出新协议。",
            f"Revision {open_revision} still awaits signatures. Amend, sign, refuse or withdraw it first.",
        )


def add_signature(signatures: Sequence[Signature], signature: Signature, *, content_hash: str) -> list[dict[str, Json]]:
    """The signatures with this one added; raises `ConflictError` unless it is a first one under the current content."""
    if signature["content_hash"] != content_hash:
        raise ConflictError(
            "content_changed",
            f"您签署的内容 {signature['content_hash']} 已不是现行内容 {content_hash}。请重新阅读协议后再签署。",
            f"You signed content {signature['content_hash']}, but it is now {content_hash}. Read it again, then sign.",
        )
    if any(_same(signature, earlier) for earlier in signatures):
        raise ConflictError(
            "already_signed",
            "贵方已签署该内容,无需重复签署。请等待其他参与方签署。",
            "You have signed this content already. There is nothing to do but wait for the other parties.",
        )
    return [dict(item) for item in (*signatures, signature)]


def _same(one: Signature, other: Signature) -> bool:
    return str(one["tenant"]) == str(other["tenant"]) and one["content_hash"] == other["content_hash"]


def check_amendment(current_hash: str, amended_hash: str) -> None:
    """An amendment voids every signature, so it must change something; the caller then empties the signatures."""
    if current_hash == amended_hash:
        raise ConflictError(
            "terms_unchanged",
            "修改后的内容与现行内容完全相同,已有签署保持有效。请更改条款、附件或生效日期后再提交。",
            "The amendment changes nothing, so signatures stay. Change terms, attachments or effective date first.",
        )


def check_withdrawal(tenant: Tenant, proposer: Tenant) -> None:
    """Only the proposer takes its proposal back."""
    if str(tenant) != str(proposer):
        raise RefusedError(
            "proposer_only",
            "只有提出方可以撤回协议。如不同意,请拒绝并说明理由。",
            "Only the party that proposed this agreement may withdraw it. Refuse it with a reason instead.",
        )


def check_refusal(tenant: Tenant, proposer: Tenant) -> None:
    """The proposer withdraws; refusing is for the others."""
    if str(tenant) == str(proposer):
        raise RefusedError(
            "not_for_proposer",
            "提出方不能拒绝自己提出的协议。请改为撤回。",
            "The party that proposed this agreement cannot refuse it. Withdraw it instead.",
        )
