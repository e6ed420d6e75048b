"""Sending: a signed document to one tenant, on the topic of its cell that its kind belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from events.canonical import Json
from events.envelope import Envelope, Kind
from shared.journal.outbox import enqueue, topic_name
from shared.journal.session import Session
from shared.keys.documents import signed

ASKED_OF_HOME = ("command", "receipt", "resync")
"""Kinds that go to `….commands`; all others go to `….events`, in line with the entries they speak of."""


def send(session: Session, kind: Kind, *, content: Mapping[str, Json], about: str, key: UUID) -> None:
    """Sign `content` for the tenant it is `to`, and send it; raises `UnavailableError` while there is no key to sign.

    `about` is the kind of aggregate, or the service, that it concerns. Messages with the same `key` stay in order.
    """
    envelope = signed(session, kind, content=content, by=session.signer)
    post(session, envelope, to=UUID(str(content["to"])), about=about, key=key)


def post(session: Session, envelope: Envelope, *, to: UUID, about: str, key: UUID) -> None:
    """Send what is signed already to the cell of tenant `to`."""
    enqueue(session, (topics_of(session, envelope.kind, to=to, about=about), envelope, key))


def topics_of(session: Session, kind: Kind, *, to: UUID, about: str) -> set[str]:
    """The topic on which a message of this kind reaches a tenant."""
    lane: Literal["commands", "events"] = "commands" if kind in ASKED_OF_HOME else "events"
    service = about.partition(".")[0]
    return {topic_name(cell, service, kind=lane) for cell in session.directory.cells(session, [to])}
