"""Sending: a signed document to one tenant, on the topic of its cell that its kind belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from events.canonical import Json
from events.envelope import Kind
from shared.journal.outbox import Message, enqueue
from shared.journal.session import Session
from shared.keys.documents import signed


def send(session: Session, kind: Kind, *, content: Mapping[str, Json], about: str, key: UUID) -> None:
    """Sign `content` for the tenant it is `to`, and send it; raises `UnavailableError` while there is no key to sign.

    `about` is the kind of aggregate, or the service, that it concerns. Messages with the same `key` stay in order.
    """
    envelope = signed(session, kind, content=content, by=session.signer)
    enqueue(session, Message(envelope, session.directory.cells(session, [UUID(str(content["to"]))]), about, key))
