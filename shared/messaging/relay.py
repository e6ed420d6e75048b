"""The relay: puts what the outbox of one service holds on Kafka, in order per aggregate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from time import monotonic
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Delete, delete, select, text, tuple_, update

from shared.core.log import Seldom, logger
from shared.core.metrics import RELAYED
from shared.core.pauses import Pause
from shared.journal.outbox import WAKE, OutboxRow
from shared.journal.session import Database

BATCH = 500
TIDY = 2.0
"""Seconds between two looks at what may be pruned."""
DOZE = 0.5
"""Seconds between two looks when nobody wakes it."""
KEPT = timedelta(seconds=10)
"""How long sent rows stay for those who investigate."""
PAUSE = 1.0
"""Seconds until what the brokers did not take is tried again."""
STAND_BY = 0.5
"""Seconds between two tries of a relay that stands by to take over."""
FROZEN = text("SET idle_session_timeout = '3s'; SET idle_in_transaction_session_timeout = '60s'")
"""A relay that lives asks twice a second: one that does not is frozen or cut off, and its lock is another's to take.

Within a transaction it waits for the brokers, at most 40 s.
"""
SAID = Seldom(logger("relay"))
Lane = tuple[str, UUID]
"""What stays in order: a key within a topic."""


class Producer(Protocol):
    """What the relay needs of `kafka.KafkaProducer`."""

    def send(self, topic: str, *, key: bytes, value: bytes) -> Any: ...
    def flush(self, timeout: float | None = None) -> Any: ...


class Unsent(NamedTuple):
    """An outbox row that waits."""

    tenant_id: UUID
    id: int
    topic: str
    key: UUID
    value: bytes


@dataclass
class Relay:
    """One active relay per service and cell: the holder of an advisory lock; others stand by.

    It reads unsent rows by id. `id > last seen` would lose rows that commit late, an xmin horizon and parallel
    SKIP LOCKED readers would break the order (measured, DESIGN §4).
    """

    database: Database
    producer: Producer
    service: str
    stopping: Event = field(default_factory=Event)
    beat: Callable[[], None] = lambda: None
    """Called each round."""
    _pause: Pause = field(default_factory=Pause)
    _paused: dict[Lane, float] = field(default_factory=dict)
    _tidy_at: float = 0.0

    def run(self) -> None:
        """Relay until `stopping` is set; a lost database or broker is waited for, never skipped."""
        log = logger("relay").bind(service=self.service)
        while not self.stopping.is_set():
            try:
                self._hold_lock_and_send()
            except Exception:
                pause = self._pause.failed()
                log.exception("relay_interrupted", retry_in=pause)
                self.stopping.wait(pause)

    def _hold_lock_and_send(self) -> None:
        with self.database.engine.connect() as connection:
            name = f"relay:{self.database.settings.cell}:{self.service}"
            locked = text("select pg_try_advisory_lock(hashtextextended(:name, 0))")
            if not connection.execute(locked, {"name": name}).scalar_one():
                connection.rollback()
                self.beat()
                self.stopping.wait(STAND_BY)
                return
            connection.execute(FROZEN)
            connection.execute(text(f"LISTEN {WAKE}"))
            connection.commit()
            try:
                while not self.stopping.is_set():
                    self.beat()
                    sent = self.send_batch(connection)
                    self._pause.succeeded()
                    if sent < BATCH:
                        self._doze(connection)
            finally:
                connection.invalidate()

    def send_batch(self, connection: Connection) -> int:
        """Send the oldest unsent rows and mark what the brokers took; returns how many there were.

        A lane (topic and key) that failed pauses, or its rows alone would fill every batch. Raises ConnectionError
        when the brokers took nothing.
        """
        self._paused = {lane: until for lane, until in self._paused.items() if monotonic() < until}
        columns = (OutboxRow.tenant_id, OutboxRow.id, OutboxRow.topic, OutboxRow.key, OutboxRow.value)
        waiting = select(*columns).where(OutboxRow.service == self.service, OutboxRow.sent_at.is_(None))
        if self._paused:
            waiting = waiting.where(tuple_(OutboxRow.topic, OutboxRow.key).not_in(list(self._paused)))
        rows = [Unsent(*row) for row in connection.execute(waiting.order_by(OutboxRow.id).limit(BATCH))]
        sent = set(send_in_order(self.producer, rows))
        if sent:
            now = self.database.clock.now()
            # Service and "unsent" lead to the partial index; the primary key begins with the tenant.
            mine = OutboxRow.service == self.service, OutboxRow.sent_at.is_(None), OutboxRow.id.in_(sent)
            connection.execute(update(OutboxRow).where(*mine).values(sent_at=now))
        connection.commit()
        RELAYED.labels(self.service).inc(len(sent))
        self._paused |= {(row.topic, row.key): monotonic() + PAUSE for row in rows if row.id not in sent}
        if rows and not sent:
            raise ConnectionError(f"none of {len(rows)} messages was taken by Kafka")
        return len(rows)

    def _doze(self, connection: Connection) -> None:
        raw = connection.connection.driver_connection
        if not isinstance(raw, psycopg.Connection):
            raise TypeError("the relay listens through psycopg")
        if monotonic() > self._tidy_at:
            self._tidy_at = monotonic() + TIDY
            connection.execute(outdated(self.service, now=self.database.clock.now()))
            connection.commit()
        # Outside a transaction: a NOTIFY is delivered only between transactions.
        raw.autocommit = True
        woken, until = False, monotonic() + DOZE
        while not woken and (left := until - monotonic()) > 0:
            # All that have come, not one: each would be a round of its own long after there is nothing left to send.
            woken = self.service in [note.payload for note in raw.notifies(timeout=left, stop_after=1)]
        raw.autocommit = False


def outdated(service: str, *, now: datetime) -> Delete:
    """Removes what was sent a while ago: a message may hold free text that is to be erased."""
    return delete(OutboxRow).where(OutboxRow.service == service, OutboxRow.sent_at < now - KEPT)


def send_in_order(producer: Producer, rows: Sequence[Unsent]) -> list[int]:
    """Send all; returns the ids that count as sent.

    A row that failed holds back every later row of its lane: one that was handed over before the failure was known
    is sent again after it. Other lanes are not held back.
    """
    handed: list[tuple[Unsent, Any]] = []
    refused: set[Lane] = set()
    for row in rows:
        if (row.topic, row.key) not in refused:
            try:
                handed.append((row, producer.send(row.topic, key=str(row.key).encode(), value=row.value)))
            except Exception as error:  # noqa: BLE001 - whatever it is, the row stays unsent and is tried again
                _note(row, error)
                refused.add((row.topic, row.key))
    producer.flush(timeout=40)
    held: set[Lane] = set()
    sent: list[int] = []
    for row, future in handed:
        lane = row.topic, row.key
        try:
            future.get(timeout=40)
        except Exception as error:  # noqa: BLE001 - as above
            if lane not in held:
                _note(row, error)
            held.add(lane)
        if lane not in held:
            sent.append(row.id)
    return sent


def _note(row: Unsent, error: Exception) -> None:
    SAID.warning("message_not_taken", row.topic, topic=row.topic, key=str(row.key), error=repr(error))
