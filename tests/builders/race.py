"""Writers that contend for a few aggregates, a producer that remembers, and what became of the events."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Event, Thread
from time import monotonic
from uuid import UUID, uuid4

import psycopg

from shared.core.settings import Settings
from shared.journal.outbox import WAKE
from shared.messaging.relay import Relay

WRITERS = 16
LONGEST = 60
"""Seconds after which something that does not come to an end has failed."""
PAUSES = (0, 0, 0.001, 0.004, 0.02)
"""Seconds between taking ids and committing them."""
Sent = list[tuple[str, int]]
"""(aggregate, version) in the order in which they went out."""


@dataclass
class Outcome:
    """kafka-python's future, which is over already."""

    exception: Exception | None = None

    def succeeded(self) -> bool:
        return self.exception is None


@dataclass
class Recorder:
    """A producer that remembers what it was given; `refuses` says what the brokers do not take."""

    refuses: Callable[[str, int], bool] = lambda _key, _version: False
    at_once: bool = False
    sent: Sent = field(default_factory=list)
    fails_to_flush: bool = False
    error: Exception = field(default_factory=lambda: ConnectionError("the brokers did not take it"))
    asked: int = 0

    def send(self, _topic: str, *, key: bytes, value: bytes) -> Outcome:
        self.asked += 1
        item = key.decode(), int(value)
        if not self.refuses(*item):
            self.sent.append(item)
            return Outcome()
        if self.at_once:
            raise self.error
        return Outcome(self.error)

    def flush(self, timeout: float | None = None) -> None:
        """Everything is out already, unless it is unknown what is."""
        if self.fails_to_flush:
            raise TimeoutError("the brokers have not answered")


@dataclass
class Verdict:
    """What became of the events that were committed."""

    lost: int = 0
    doubled: int = 0
    disordered: int = 0


def verdict(sent: Sent, written: dict[str, int]) -> Verdict:
    """Compare what was sent with versions 1 to n of every aggregate."""
    seen: dict[str, list[int]] = defaultdict(list)
    for key, version in sent:
        seen[key].append(version)
    result = Verdict()
    for key, last in written.items():
        versions = seen[key]
        result.lost += last - len(set(versions))
        result.doubled += len(versions) - len(set(versions))
        result.disordered += sum(later < earlier for earlier, later in pairwise(versions))
    return result


@dataclass
class Race:
    """Aggregates of one tenant with an outbox `service` of their own, written by plain connections of the app role.

    As in `Session.publish`, ids are taken under a row's lock (here that of a timer that is done, which counts
    versions). A pause of random length follows, so that ids of different aggregates commit out of order.
    """

    settings: Settings
    aggregates: int
    tenant: UUID = field(default_factory=uuid4)
    service: str = field(default_factory=lambda: f"race{uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self.keys = [uuid4() for _ in range(self.aggregates)]
        with self.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            self._bind(connection)
            rows = [(self.tenant, key) for key in self.keys]
            cursor.executemany(
                """INSERT INTO shared.timers
                (tenant_id, name, aggregate_id, due_at, retry_at, attempts, params, done_at)
                VALUES (%s, 'race', %s, now(), now(), 0, '{}', now())""",
                rows,
            )

    def connection(self) -> psycopg.Connection:
        return psycopg.connect(self.settings.url("app"), autocommit=True)

    def _bind(self, connection: psycopg.Connection) -> None:
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(self.tenant)])

    def write(self, number: int, dice: random.Random) -> None:
        """One writer: `number` events, each in a transaction of its own."""
        with self.connection() as connection:
            for _ in range(number):
                self.publish(connection, dice.choice(self.keys), pause=dice.choice(PAUSES))

    def publish(self, connection: psycopg.Connection, key: UUID, *, pause: float = 0) -> None:
        """The next version of one aggregate into the outbox, committed after `pause`; one round trip."""
        with connection.pipeline(), connection.transaction():
            self._bind(connection)
            connection.execute(
                """WITH advanced AS (UPDATE shared.timers SET attempts = attempts + 1
                    WHERE tenant_id = %s AND aggregate_id = %s RETURNING attempts)
                INSERT INTO shared.outbox (tenant_id, service, topic, key, value, created_at)
                SELECT %s, %s, %s, %s, convert_to(attempts::text, 'UTF8'), now() FROM advanced""",
                [self.tenant, key, self.tenant, self.service, f"cell1.{self.service}.events", key],
            )
            connection.execute("SELECT pg_notify(%s, %s), pg_sleep(%s)", [WAKE, self.service, pause])

    def written(self) -> dict[str, int]:
        """The last version of every aggregate."""
        with self.connection() as connection, connection.transaction():
            self._bind(connection)
            rows = connection.execute("SELECT aggregate_id::text, attempts FROM shared.timers").fetchall()
        return dict(rows)

    def run(self, events: int) -> None:
        """All writers at once; returns when the last has committed."""
        at_once(lambda seed: self.write(events // WRITERS, random.Random(seed)))

    def unsent(self) -> int:
        """How many messages wait."""
        with self.connection() as connection, connection.transaction():
            self._bind(connection)
            found = connection.execute("SELECT count(*) FROM shared.outbox").fetchone()
        return int(found[0]) if found else 0


def at_once(write: Callable[[int], None]) -> None:
    """Run `write` in as many threads as there are writers, each with its number."""
    with ThreadPoolExecutor(WRITERS) as pool:
        for run in [pool.submit(write, number) for number in range(WRITERS)]:
            run.result(LONGEST)


def send_now(relay: Relay) -> int:
    """One round of the relay, without its lock; returns how many messages were taken."""
    pooled = relay.database.engine.raw_connection()
    raw = pooled.driver_connection
    assert isinstance(raw, psycopg.Connection)
    raw.autocommit = True
    try:
        return relay.send_all(raw)
    finally:
        pooled.invalidate()


@contextmanager
def relaying(relay: Relay) -> Iterator[None]:
    """The relay in a thread of its own, stopped at the end."""
    thread = Thread(target=relay.run, name="relay")
    thread.start()
    try:
        yield
    finally:
        relay.stopping.set()
        thread.join(LONGEST)
        assert not thread.is_alive()


def wait_until(reached: Callable[[], bool], *, seconds: float = LONGEST) -> bool:
    """Whether it came true in time."""
    end, pause = monotonic() + seconds, Event()
    while not reached() and monotonic() < end:
        pause.wait(0.02)
    return reached()
