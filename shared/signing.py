"""Several tenants sign one content: complete when each has signed the same hash; any edit voids what was signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from events.canonical import instant
from shared.errors import ConflictError, RefusedError

if TYPE_CHECKING:
    from shared.db import Session


class Signable(Protocol):
    """What is signed: `signatures` are `{"tenant", "content_hash", "signed_at", "actor"}`, all text."""

    signatures: list[dict[str, Any]]
    content_hash: str

    @property
    def signers(self) -> Sequence[UUID]:
        """Who has to sign: all parties or some of them."""


def missing(thing: Signable) -> list[str]:
    """The signers that have not signed the current content, in their order."""
    signed = {item["tenant"] for item in thing.signatures if item["content_hash"] == thing.content_hash}
    return [str(signer) for signer in thing.signers if str(signer) not in signed]


def sign(session: Session, thing: Signable, *, content_hash: str) -> bool:
    """Add the acting tenant's signature under the content it has read; says whether the signatures are complete.

    Raises `RefusedError` for who is no signer, `ConflictError` for another content or a second signature.
    """
    actor = session.context.actor
    _check_signer(actor.tenant, thing)
    _check_content(content_hash, thing.content_hash)
    if str(actor.tenant) not in missing(thing):
        raise ConflictError(
            "already_signed",
            "贵方已签署该内容,无需重复签署。请等待其他参与方签署。",
            "You have signed this content already. There is nothing to do but wait for the other parties.",
        )
    signature = {
        "tenant": str(actor.tenant),
        "content_hash": content_hash,
        "signed_at": instant(session.clock.now()),
        "actor": actor.id,
    }
    thing.signatures = [*thing.signatures, signature]
    return not missing(thing)


def _check_signer(tenant: UUID, thing: Signable) -> None:
    if tenant not in thing.signers:
        raise RefusedError(
            "signer_only",
            "贵方不在该内容的签署方之列,不能签署。如应由贵方签署,请与提出方联系。",
            "Your tenant is not among those that sign this. If it should be, ask the party that proposed it.",
        )


def _check_content(read: str, current: str) -> None:
    if read != current:
        raise ConflictError(
            "content_changed",
            f"您签署的内容 {read} 已不是现行内容 {current}。请重新阅读后再签署。",
            f"You signed content {read}, but it is now {current}. Read it again, then sign.",
        )


def amend(thing: Signable, amended_hash: str) -> tuple[UUID, ...]:
    """Set the new hash and empty the signatures; says whose were voided. Raises `ConflictError` if nothing changes."""
    if thing.content_hash == amended_hash:
        raise ConflictError(
            "terms_unchanged",
            "修改后的内容与现行内容完全相同,已有签署保持有效。请先更改内容再提交。",
            "The amendment changes nothing, so signatures stay. Change the content first, then send it again.",
        )
    voided = tuple(UUID(item["tenant"]) for item in thing.signatures)
    thing.content_hash, thing.signatures = amended_hash, []
    return voided


def check_withdrawal(tenant: UUID, proposer: UUID) -> None:
    """Only the proposer takes its proposal back; raises `RefusedError`."""
    if tenant != proposer:
        raise RefusedError(
            "proposer_only",
            "只有提出方可以撤回。如不同意,请拒绝并说明理由。",
            "Only the party that proposed this may withdraw it. Refuse it with a reason instead.",
        )


def check_refusal(tenant: UUID, proposer: UUID) -> None:
    """The proposer withdraws; refusing is for the others. Raises `RefusedError`."""
    if tenant == proposer:
        raise RefusedError(
            "not_for_proposer",
            "提出方不能拒绝自己提出的内容。请改为撤回。",
            "The party that proposed this cannot refuse it. Withdraw it instead.",
        )
