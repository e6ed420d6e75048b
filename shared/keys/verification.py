"""Intake: what came from Kafka is believed only after its signature, hashes and identity hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from events.canonical import canonical, digest
from events.catalog import Texts
from events.entry import Entry, aggregate_id
from events.envelope import Envelope, Kind, MalformedMessageError
from events.foreign import MALFORMED
from shared.database.rows import AGGREGATES
from shared.keys.directory import Directory, KeyUnknownError, WrongSignatureError
from shared.keys.documents import check_commands
from shared.rules.services import SERVICES
from shared.rules.signed_commands import Commands

__all__ = ["KeyUnknownError", "VerifiedEntry", "WrongSignatureError", "check_known", "verify_entry"]


NAMED_IN: Mapping[Kind, str] = {
    "entry": "aggregate_type", "command": "name", "head": "kind", "resync": "kind", "erasure": "kind",
}  # fmt: skip
"""Where a message names a kind or command; a head does so in each line, receipts and answers are matched by id.

What cells tell each other names kinds of a newer code as well, and writes nothing about them.
"""


@dataclass(frozen=True)
class VerifiedEntry:
    """A verified entry with everything that travelled beside it; `value` are its bytes, `record` is where they lay."""

    entry: Entry
    signature: str
    state: Mapping[str, Any]
    texts: Texts
    value: bytes
    record: Any = None
    commands: Commands = ()
    """Those in its state whose signatures were verified with it."""


def check_known(envelope: Envelope) -> None:
    """Raises `MalformedMessageError` for what names a service that is not here, before anything is made of it.

    What is written about it would lie in an outbox that no relay serves. A kind or type that is merely newer than this
    code is another matter: its service is known.
    """
    document, name = envelope.document, NAMED_IN.get(envelope.kind)
    try:
        named = document["lines"] if envelope.kind == "head" else [document]
        unknown = [one[name] for one in named if name is not None and one[name].split(".")[0] not in SERVICES]
    except MALFORMED as error:
        raise MalformedMessageError(f"no {envelope.kind}: {error!r}") from error
    if unknown:
        raise MalformedMessageError(f"{envelope.kind}: {unknown[0][:100]!r} is of no service here")


def verify_entry(
    session: Session, directory: Directory, *, envelope: Envelope, value: bytes, record: Any = None
) -> VerifiedEntry:
    """The entry in `envelope`, once it is proven that its home said exactly this.

    Raises `WrongSignatureError` (or `KeyUnknownError`, which may pass) and never returns anything unproven.
    """
    try:
        entry = Entry.parse(envelope.document)
        if entry.nonce is not None and aggregate_id(entry.home, entry.nonce) != entry.aggregate:
            raise WrongSignatureError("the id does not belong to this home")
        state = envelope.state
        if not isinstance(state, dict) or digest(canonical(state)) != entry.state_hash:
            raise WrongSignatureError("the state does not fit its hash")
        if any(text.digest != key for key, text in envelope.texts.items()):
            raise WrongSignatureError("a text does not fit its hash")
        key = directory.key(session, entry.key, of=entry.home, at=entry.occurred_at)
        key.verify_bytes(entry.canonical, envelope.signature)
        kind = AGGREGATES.get(entry.aggregate_type)
        commands = () if kind is None else kind.commands_in(entry, state)
        check_commands(session, directory, commands=commands)
        return VerifiedEntry(entry, envelope.signature, state, envelope.texts, value, record, commands)
    except MALFORMED as error:
        raise WrongSignatureError(f"no entry: {error!r}") from error
