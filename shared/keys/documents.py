"""Signed documents other than entries: commands, answers, receipts, resync requests and heads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session as OrmSession

from events.canonical import Json, canonical, digest, instant
from events.catalog import Texts
from events.entry import Position
from events.envelope import Envelope, Kind
from events.foreign import MALFORMED
from shared.core.calendar import read_moment
from shared.database.session import TenantSession
from shared.keys.directory import Directory, WrongSignatureError
from shared.keys.keyring import Signer
from shared.rules.services import VOUCHED
from shared.rules.signed_commands import Commands


def signed(
    session: TenantSession, kind: Kind, *, content: Mapping[str, Json], by: Signer, texts: Texts | None = None
) -> Envelope:
    """`content`, signed now by the session's tenant with its active key, or by its cell.

    `content` must hold `to`, the tenant the document is for, so that it cannot be replayed to another.
    """
    tenant, at = session.context.tenant_id, instant(session.clock.now())
    spec = f"xietong.{kind}.v1"
    document = {**content, "spec": spec, "from": str(tenant), "at": at, "key": by.key, "algorithm": "Ed25519"}
    stated = canonical(document)
    return Envelope(
        kind=kind,
        document=document,
        signature=by.sign_bytes(stated),
        hash=digest(stated),
        source=tenant,
        type=spec,
        subject=str(content.get("aggregate", content["to"])),
        time=at,
        texts=texts or {},
        trace=session.context.trace,
        correlation=session.context.correlation,
    )


def parties_of(session: OrmSession, directory: Directory, *, envelope: Envelope) -> tuple[UUID, UUID]:
    """The tenant that signed the document and the one it is for; raises `WrongSignatureError` or `KeyUnknownError`."""
    document = envelope.document
    try:
        sender, recipient = UUID(str(document["from"])), UUID(str(document["to"]))
        at = read_moment(str(document["at"]))
        if document["spec"] != f"xietong.{envelope.kind}.v1":
            raise WrongSignatureError(f"not a {envelope.kind}")
    except MALFORMED as error:
        raise WrongSignatureError(f"no {envelope.kind}: {error}") from error
    if any(text.digest != key for key, text in envelope.texts.items()):
        raise WrongSignatureError("a text does not fit its hash")
    if envelope.kind == "command":
        command = {"document": document, "signature": envelope.signature}
        check_commands(session, directory, commands=[(sender, command)])
    else:
        key = directory.key(session, str(document.get("key")), of=sender, at=at)
        key.verify_bytes(canonical(document), envelope.signature)
    return sender, recipient


def check_commands(session: OrmSession, directory: Directory, *, commands: Commands) -> None:
    """Raises `WrongSignatureError` or `KeyUnknownError` unless each tenant signed the command said to be its."""
    for tenant, command in commands:
        document, signature = command["document"], command["signature"]
        if document["spec"] != "xietong.command.v1":
            raise WrongSignatureError("not a command")
        if str(document.get("name")) in VOUCHED:
            directory.check_vouched(session, document, signature=signature, by=tenant)
        else:
            at = read_moment(str(document["at"]))
            key = directory.key(session, str(document.get("key")), of=tenant, at=at)
            key.verify_bytes(canonical(document), signature)


def position(document: Mapping[str, Any]) -> Position:
    """The position that a document names; raises ValueError for what no version can be."""
    epoch, version = int(document["epoch"]), int(document["version"])
    if min(epoch, version) < 0 or max(epoch, version) >= 2**31:
        raise ValueError(f"no position: {epoch}.{version}")
    return Position(epoch, version)
