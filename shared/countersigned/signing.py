"""Several tenants sign one content: complete when each has signed the same hash; any edit voids what was signed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from events.canonical import Json, canonical, instant
from shared.core.clock import Clock
from shared.core.context import Context
from shared.core.errors import ConflictError, InvalidError, RefusedError

SIGNATURE_BYTES = 1400
"""Of one signature with its command, at most."""
ROOM = 60 * 1024
"""Bytes of content and signatures together: the rest of a state's 64 KB is for what stands beside them."""


class Acting(Protocol):
    """Who acts, and the time: a session."""

    clock: Clock

    @property
    def context(self) -> Context:
        """On whose behalf it works."""


class Signable(Protocol):
    """What is signed: `signatures` are `{"tenant", "content_hash", "signed_at", "actor", "command"}`.

    `command` is the signed command by which another tenant than the home asked for it, `{"document", "signature"}`.
    """

    signatures: list[dict[str, Any]]
    content_hash: str

    @property
    def signers(self) -> Sequence[UUID]:
        """Who has to sign: all parties or some of them."""


def missing(thing: Signable) -> list[str]:
    """The signers that have not signed the current content, in their order."""
    signed = {item["tenant"] for item in thing.signatures if item["content_hash"] == thing.content_hash}
    return [str(signer) for signer in thing.signers if str(signer) not in signed]


def sign(session: Acting, thing: Signable, *, content_hash: str) -> bool:
    """Add the acting tenant's signature under the content it has read; says whether the signatures are complete.

    Raises `RefusedError` for who is no signer, `ConflictError` for another content or a second signature.
    """
    actor = session.context.actor
    if actor.tenant not in thing.signers:
        raise RefusedError(
            "signer_only",
            "贵方不在该内容的签署方之列,不能签署。如应由贵方签署,请与提出方联系。",
            "Your tenant is not among those that sign this. If it should be, ask the party that proposed it.",
        )
    check_content(content_hash, thing.content_hash)
    if str(actor.tenant) not in missing(thing):
        raise ConflictError(
            "already_signed",
            "贵方已签署该内容,无需重复签署。请等待其他参与方签署。",
            "You have signed this content already. There is nothing to do but wait for the other parties.",
        )
    thing.signatures = [*thing.signatures, signature(session, content_hash)]
    return not missing(thing)


def signature(session: Acting, content_hash: str) -> dict[str, Any]:
    """What the acting tenant's signature is kept as; raises `InvalidError` for a command of more than it needs."""
    actor, command = session.context.actor, session.context.command
    made = {
        "tenant": str(actor.tenant),
        "content_hash": content_hash,
        "signed_at": instant(session.clock.now()),
        "actor": actor.id,
        "command": None if command is None else dict(command),
    }
    if (size := len(canonical(made))) > SIGNATURE_BYTES:
        raise InvalidError(
            "signature_too_large",
            f"签署命令过大({size} 字节,上限 {SIGNATURE_BYTES})。请只发送规定的内容。",
            f"The command to sign is too large ({size} bytes, at most {SIGNATURE_BYTES}). Send what belongs there.",
        )
    return made


def check_content(read: str, current: str) -> None:
    """Raises `ConflictError` with both hashes where what was read is not what is signed."""
    if read != current:
        raise ConflictError(
            "content_changed",
            f"您签署的内容 {read} 已不是现行内容 {current}。请重新阅读后再签署。",
            f"You signed content {read}, but it is now {current}. Read it again, then sign.",
        )


def check_room(content: Json, *, signers: int) -> None:
    """Raises `InvalidError` where the content would leave no room for every signature."""
    size, most = len(canonical(content)), ROOM - signers * SIGNATURE_BYTES
    if size > most:
        raise InvalidError(
            "content_too_large",
            f"内容过大({size} 字节;{signers} 方签署,上限 {most})。请缩短,或把长文放入附件。",
            f"This is too large ({size} bytes; at most {most} for {signers} signatures). "
            "Shorten it, or attach long texts.",
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
