"""Intake: what came from Kafka is believed only after its signature, hashes and identity hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from events.canonical import Json, canonical, digest
from events.catalog import Texts
from events.entry import Entry, aggregate_id
from events.envelope import Envelope, MalformedMessageError
from events.foreign import MALFORMED
from shared.database.rows import AGGREGATES
from shared.keys.directory import Directory, KeyUnknownError, WrongSignatureError
from shared.keys.documents import check_commands
from shared.rules.services import SERVICES
from shared.rules.signed_commands import Commands

__all__ = ["KeyUnknownError", "VerifiedEntry", "WrongSignatureError", "check_known", "verify_entry"]


@dataclass(frozen=True)
class VerifiedEntry:
    """A verified entry with everything that travelled beside it; `value` are its bytes, `record` is where they lay."""

    entry: Entry
    signature: str
    state: Mapping[str, Any]
    texts: Texts
    value: bytes
    trace: str | None = None
    correlation: str | None = None
    record: Any = None
    commands: Commands = ()
    """Those in its state whose signatures were verified with it."""

    @property
    def aggregate(self) -> UUID:
        """The aggregate's id."""
        return self.entry.aggregate

    @property
    def service(self) -> str:
        """The service that publishes this kind of aggregate."""
        return self.entry.aggregate_type.split(".")[0]


def check_known(envelope: Envelope) -> None:
    """Raises `MalformedMessageError` for what names a service that is not here, before anything is made of it.

    What is written about it would lie in an outbox that no relay serves. A kind or type that is merely newer than this
    code is another matter: its service is known.
    """
    try:
        names = _names(envelope)
    except MALFORMED as error:
        raise MalformedMessageError(f"no {envelope.kind}: {error!r}") from error
    unknown = [name for name in names if name.split(".")[0] not in SERVICES]
    if unknown:
        raise MalformedMessageError(f"{envelope.kind}: {unknown[0][:100]!r} is of no service here")


def _names(envelope: Envelope) -> list[str]:
    """The kinds or the command a message names; receipts and answers are matched with what is known by id.

    What cells tell each other names kinds of a newer code as well, and writes nothing about them.
    """
    document = envelope.document
    if envelope.kind == "entry":
        return [document["aggregate_type"]]
    if envelope.kind == "command":
        return [document["name"]]
    if envelope.kind == "head":
        return [line["kind"] for line in document["lines"]]
    return [document["kind"]] if envelope.kind in ("resync", "erasure") else []


def verify_entry(session: Session, directory: Directory, *, envelope: Envelope, value: bytes) -> VerifiedEntry:
    """The entry in `envelope`, once it is proven that its home said exactly this.

    Raises `WrongSignatureError` (or `KeyUnknownError`, which may pass) and never returns anything unproven.
    """
    try:
        entry = Entry.parse(envelope.document)
        if entry.nonce is not None and aggregate_id(entry.home, entry.nonce) != entry.aggregate:
            raise WrongSignatureError("the id does not belong to this home")
        state = _proven_state(entry, envelope.state)
        if any(text.digest != key for key, text in envelope.texts.items()):
            raise WrongSignatureError("a text does not fit its hash")
        key = directory.key(session, entry.key, of=entry.home, at=entry.occurred_at)
        key.verify_bytes(entry.canonical, envelope.signature)
        kind = AGGREGATES.get(entry.aggregate_type)
        commands = () if kind is None else kind.commands_in(entry, state)
        check_commands(session, directory, commands=commands)
        hints = envelope.trace, envelope.correlation
        return VerifiedEntry(entry, envelope.signature, state, envelope.texts, value, *hints, commands=commands)
    except MALFORMED as error:
        raise WrongSignatureError(f"no entry: {error!r}") from error


def _proven_state(entry: Entry, state: Mapping[str, Json] | None) -> Mapping[str, Any]:
    if not isinstance(state, dict) or digest(canonical(state)) != entry.state_hash:
        raise WrongSignatureError("the state does not fit its hash")
    return state
