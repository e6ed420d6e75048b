"""The outbox: messages written in the transaction of their cause, one row per destination cell."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, insert
from sqlalchemy.orm import Mapped, mapped_column

from events.envelope import LARGEST_MESSAGE, Envelope
from shared.core.errors import InvalidError
from shared.database.rows import TenantRow, table_of
from shared.database.session import TenantSession
from shared.rules.services import SERVICES

WAKE = "xietong_outbox"
"""NOTIFY channel that wakes the relay of the service named in the payload; only a wake-up beside its poll."""


class OutboxRow(TenantRow):
    """One message on its way; the relay marks it sent and later prunes it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_unsent", "service", "id", postgresql_where="sent_at IS NULL"),
        {"schema": "shared"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    service: Mapped[str]
    topic: Mapped[str]
    key: Mapped[UUID]
    value: Mapped[bytes]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


ENQUEUE = insert(table_of(OutboxRow))


def topic_name(cell: str, service: str, *, kind: Literal["events", "commands"]) -> str:
    """`<cell>.<service>.events` carries entries and answers, `….commands` what parties ask of homes."""
    return f"{cell}.{service}.{kind}"


def enqueue(session: TenantSession, *messages: tuple[Collection[str], Envelope, UUID]) -> None:
    """Write one row per topic of each message (topics, envelope, key), with one statement.

    Ids are taken now, so an aggregate's lock must be held already. Raises `InvalidError` when a message is larger than
    Kafka takes.
    """
    rows = [row for topics, envelope, key in messages for row in _rows(session, topics, envelope=envelope, key=key)]
    session.write(ENQUEUE, rows)
    for service in {str(row["service"]) for row in rows}:
        session.wake(WAKE, service)


def _rows(session: TenantSession, topics: Collection[str], *, envelope: Envelope, key: UUID) -> list[dict[str, Any]]:
    unserved = {topic for topic in topics if topic.split(".")[1] not in SERVICES}
    if unserved:
        raise LookupError(f"no relay serves {min(unserved)[:200]}")
    value = envelope.encode()
    if len(value) > LARGEST_MESSAGE:
        raise InvalidError(
            "too_large",
            f"内容过大({len(value)} 字节,上限 {LARGEST_MESSAGE})。请把长文放入附件。",
            f"This is too large ({len(value)} bytes, at most {LARGEST_MESSAGE}). Put long texts into an attachment.",
        )
    return [
        {
            "tenant_id": session.context.tenant_id,
            "service": topic.split(".")[1],
            "topic": topic,
            "key": key,
            "value": value,
            "created_at": session.clock.now(),
        }
        for topic in sorted(topics)
    ]
