"""The outbox: messages written in the transaction of their cause, one row per destination cell."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, insert
from sqlalchemy.orm import Mapped, mapped_column

from events.envelope import LARGEST_MESSAGE, Envelope
from shared.core.errors import InvalidError
from shared.database.rows import TenantRow, table_of
from shared.database.session import TenantSession
from shared.rules.services import SERVICES

WAKE = "xietong_outbox"
"""NOTIFY channel that wakes the relay; only a wake-up beside its poll."""
ASKED_OF_HOME = ("command", "receipt", "resync", "ask")
"""Kinds that go to `….commands`; all others go to `….events`, in line with the entries they speak of."""


class OutboxRow(TenantRow):
    """One message that waits; the relay deletes what the brokers took."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox", "service", "id"),
        {"schema": "shared"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    service: Mapped[str]
    topic: Mapped[str]
    key: Mapped[UUID]
    value: Mapped[bytes]
    created_at: Mapped[datetime]


ENQUEUE = insert(table_of(OutboxRow))


def topic_name(cell: str, service: str, *, kind: Literal["events", "commands"]) -> str:
    """`<cell>.<service>.events` carries entries and answers, `….commands` what parties ask of homes."""
    return f"{cell}.{service}.{kind}"


class Message(NamedTuple):
    """What goes to these cells, on the topics of the service that `about`, a kind or command, begins with.

    Messages with the same `key` stay in order.
    """

    envelope: Envelope
    cells: Collection[str]
    about: str
    key: UUID


def enqueue(session: TenantSession, *messages: Message) -> list[bytes]:
    """Write one row per cell of each message, with one statement; returns the messages as they are sent.

    Ids are taken now, so an aggregate's lock must be held already. Raises `InvalidError` when a message is larger than
    Kafka takes.
    """
    tenant, now, rows, values = session.context.tenant_id, session.clock.now(), list[dict[str, Any]](), []
    for envelope, cells, about, key in messages:
        service = about.partition(".")[0]
        lane: Literal["events", "commands"] = "commands" if envelope.kind in ASKED_OF_HOME else "events"
        if service not in SERVICES:
            raise LookupError(f"no relay serves {service[:200]}")
        value = envelope.encode()
        if (size := len(value)) > LARGEST_MESSAGE:
            raise InvalidError(
                "too_large",
                f"内容过大({size} 字节,上限 {LARGEST_MESSAGE})。请把长文放入附件。",
                f"This is too large ({size} bytes, at most {LARGEST_MESSAGE}). Put long texts into an attachment.",
            )
        values.append(value)
        rows += [
            {
                "tenant_id": tenant,
                "service": service,
                "topic": topic_name(cell, service, kind=lane),
                "key": key,
                "value": value,
                "created_at": now,
            }
            for cell in sorted(cells)
        ]
    session.write(ENQUEUE, rows)
    for service in {row["service"] for row in rows}:
        session.wake(WAKE, service)
    return values
