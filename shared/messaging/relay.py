"""The relay: puts what the outbox of a cell holds on Kafka, in order per aggregate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from threading import Event
from time import monotonic
from typing import Any, NamedTuple, Protocol

import psycopg
from kafka.errors import KafkaTimeoutError

from shared.core.log import Seldom, logger
from shared.core.metrics import RELAYED
from shared.core.pauses import Pause
from shared.database.connections import Connections
from shared.journal.outbox import WAKE

BATCH = 500
"""Rows of one service that are sent together: a long queue of one is not another's."""
DOZE = 1.0
"""Seconds between two looks when nobody wakes it."""
PAUSE = 1.0
"""Seconds until what the brokers did not take is tried again."""
STAND_BY = 0.5
"""Seconds between two tries of a relay that stands by to take over."""
FROZEN = "SET idle_session_timeout = '3s'; SET idle_in_transaction_session_timeout = '60s'"
"""A relay that lives asks every second: one that does not is frozen or cut off, and its lock is another's to take.

Within a transaction it waits for the brokers, at most 40 s.
"""
BY_INDEX = "SET enable_seqscan = off; SET enable_bitmapscan = off"
"""Of a table that is empty most of the time, statistics say nothing about the burst that comes."""
LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
UNSENT = """
    SELECT o.id, o.ctid::text, s.service, o.topic, convert_to(o.key::text, 'UTF8'), o.value
    FROM unnest(%(services)s::text[]) AS s (service) CROSS JOIN LATERAL (
        SELECT id, ctid, topic, key, value FROM shared.outbox WHERE service = s.service
        AND (cardinality(%(paused)s::text[]) = 0 OR topic || ' ' || key <> ALL (%(paused)s::text[]))
        ORDER BY id LIMIT %(most)s) AS o"""
DROP = "DELETE FROM shared.outbox WHERE ctid = ANY (%s::tid[])"
"""A row stays in its place while the transaction is open that read it; the way by id would hang on statistics."""
SAID = Seldom(logger("relay"))


class Producer(Protocol):
    """What the relay needs of `kafka.KafkaProducer`."""

    def send(self, topic: str, *, key: bytes, value: bytes) -> Any: ...
    def flush(self, timeout: float | None = None) -> Any: ...


class Unsent(NamedTuple):
    """An outbox row that waits."""

    id: int
    place: str
    service: str
    topic: str
    key: bytes
    value: bytes

    @property
    def lane(self) -> str:
        """What stays in order: a key within a topic."""
        return f"{self.topic} {self.key.decode()}"


@dataclass
class Relay:
    """One active relay per cell: the holder of an advisory lock; others stand by.

    It reads unsent rows by id, and deletes what the brokers took. `id > last seen` would lose rows that commit late,
    an xmin horizon and parallel SKIP LOCKED readers would break the order (measured, DESIGN §4).
    """

    database: Connections
    producer: Producer
    services: Sequence[str]
    stopping: Event = field(default_factory=Event)
    beat: Callable[[], None] = lambda: None
    """Called each round."""
    _pause: Pause = field(default_factory=Pause)
    _paused: dict[str, float] = field(default_factory=dict)
    """Lanes that failed: their rows alone would fill every batch."""

    def run(self) -> None:
        """Relay until `stopping` is set; a lost database or broker is waited for, never skipped."""
        log = logger("relay")
        while not self.stopping.is_set():
            pooled = None
            try:
                pooled = self.database.engine.raw_connection()
                self._hold_lock_and_send(pooled.driver_connection)
            except Exception:
                pause = self._pause.failed()
                log.exception("relay_interrupted", retry_in=pause)
                self.stopping.wait(pause)
            finally:
                if pooled is not None:
                    pooled.invalidate()

    def _hold_lock_and_send(self, connection: Any) -> None:
        connection.autocommit = True
        while not connection.execute(LOCK, [f"relay:{self.database.settings.cell}"]).fetchone()[0]:
            self.beat()
            if self.stopping.wait(STAND_BY):
                return
        connection.execute(f"{FROZEN}; {BY_INDEX}")
        connection.execute(f"LISTEN {WAKE}")
        while not self.stopping.is_set():
            self.send_all(connection)
            self._pause.succeeded()
            doze(connection)

    def send_all(self, connection: psycopg.Connection[Any]) -> int:
        """Send what waits, batch by batch, and delete what the brokers took; returns how many they took.

        The connection is in autocommit mode. Raises ConnectionError when the brokers took nothing of a batch.
        """
        total, sent, step = 0, list[Unsent](), "BEGIN"
        while True:
            self.beat()
            self._paused = {lane: until for lane, until in self._paused.items() if monotonic() < until}
            asked = {"services": list(self.services), "paused": list(self._paused), "most": BATCH}
            # One round trip; what was committed meanwhile is read now, or has sent its wake-up.
            with connection.pipeline():
                if sent:
                    connection.execute(DROP, [[row.place for row in sent]], prepare=True)
                connection.execute(step)
                found = () if step == "COMMIT" else connection.execute(UNSENT, asked, prepare=True, binary=True)
            for service, count in Counter(row.service for row in sent).items():
                RELAYED.labels(service).inc(count)
            rows = sorted(map(Unsent._make, found), key=attrgetter("id"))
            if not rows:
                connection.commit()
                return total
            sent = send_in_order(self.producer, rows)
            total += len(sent)
            taken = {row.id for row in sent}
            self._paused |= {row.lane: monotonic() + PAUSE for row in rows if row.id not in taken}
            if not sent:
                raise ConnectionError(f"none of {len(rows)} messages was taken by Kafka")
            step = "COMMIT AND CHAIN" if len(rows) >= BATCH and not self.stopping.is_set() else "COMMIT"


def doze(connection: psycopg.Connection[Any]) -> None:
    """Wait for a wake-up: what was committed while others were sent has woken it already.

    All that have come, not one: each would be a round of its own long after there is nothing left to send.
    """
    came = False
    # Those that came with the last answer: the library would wait for the next bytes before it looks at them.
    while connection.pgconn.notifies() is not None:
        came = True
    for _note in connection.notifies(timeout=0 if came else DOZE, stop_after=1):
        pass


def send_in_order(producer: Producer, rows: Iterable[Unsent]) -> list[Unsent]:
    """Send all; returns those that count as sent.

    A row that failed holds back every later row of its lane: one that was handed over before the failure was known
    is sent again after it. Other lanes are not held back.
    """
    handed: list[tuple[Unsent, Any]] = []
    held: set[str] = set()
    missing: set[str] = set()
    for row in rows:
        if row.topic not in missing and (not held or row.lane not in held):
            try:
                handed.append((row, producer.send(row.topic, key=row.key, value=row.value)))
            except Exception as error:  # noqa: BLE001 - whatever it is, the row stays unsent and is tried again
                _note(row, error)
                held.add(row.lane)
                # A topic that is not there, say of a cell that is being set up, is waited for once, not by each row.
                missing |= {row.topic} if isinstance(error, KafkaTimeoutError) else set()
    # A future that is not done after this is one that failed.
    producer.flush(timeout=40)
    held = set()
    sent: list[Unsent] = []
    for row, future in handed:
        if not future.succeeded() and row.lane not in held:
            _note(row, future.exception)
            held.add(row.lane)
        if not held or row.lane not in held:
            sent.append(row)
    return sent


def _note(row: Unsent, error: Exception | None) -> None:
    SAID.warning("message_not_taken", row.topic, topic=row.topic, key=row.key.decode(), error=repr(error))
