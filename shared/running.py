"""The worker process: consumer, timers and the sweep, started together and drained together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread
from typing import Any

from sqlalchemy import select

from shared import kafka
from shared.announcing import announce_heads
from shared.audit import sequence
from shared.context import PLATFORM, machine_context
from shared.db import Database, Session
from shared.directory import DirectoryRow
from shared.heartbeats import beat
from shared.http import operations
from shared.http.idempotency import forget_old
from shared.log import logger
from shared.measuring import Measuring
from shared.parking import retry_unknown_keys
from shared.process import LONGEST_PAUSE, beside, heed_signals, patiently, tell
from shared.progress import HELD, ProgressRow
from shared.pulse import Pulse
from shared.resync import ask_for_missing
from shared.settings import Settings
from shared.timers import run_due
from shared.worker import Record, TooManyParkedError, Worker

FORGET_EVERY = 60.0
"""Seconds between two rounds of dropping kept answers."""


@dataclass
class WorkerProcess:
    """Consumer, timers and the sweep of one worker process; `stop` drains it."""

    settings: Settings
    services: Sequence[str]
    stopping: Event = field(default_factory=Event)
    _forgot_at: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self.database = Database(self.settings, "worker", pool=8)
        self.relay_database = Database(self.settings, "relay", pool=4, clock=self.database.clock)
        self.worker = Worker(self.database, self.stopping)
        self.pulse = Pulse("worker")

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; what is in hand is finished, what is not committed comes again."""
        heed_signals(self.stopping)
        tell(self.settings, partial(operations.readiness, self.database, self.pulse), stopping=self.stopping)
        Measuring(self.settings, self.services, self.relay_database, self.database, self.stopping).start()
        threads = [Thread(target=self._repeat, args=(part,)) for part in (self.run_timers, self.sweep)]
        self.pulse.beat("consumer")
        with beside(threads, self.stopping):
            self._consume()
        self.database.close()
        self.relay_database.close()

    def _consume(self) -> None:
        """Consume with one consumer after another: one that stalled or lost its group is replaced."""
        topics = kafka.cell_topics(self.settings, self.services)
        while not self.stopping.is_set():
            consumer = patiently(partial(kafka.consumer, self.settings, topics), self.stopping)
            try:
                if consumer is not None:
                    self._consume_with(consumer)
            except TooManyParkedError:
                raise
            except Exception:  # noqa: BLE001 - whatever a client library raises, a new consumer starts at what is committed
                logger("worker").exception("consumer_replaced")
                self.stopping.wait(0.5)
            finally:
                if consumer is not None:
                    consumer.close(timeout_ms=5000)

    def _consume_with(self, consumer: Any) -> None:
        watchdog = kafka.Watchdog(consumer)
        while not self.stopping.is_set():
            self.pulse.beat("consumer")
            records = [_record(item) for batch in consumer.poll(timeout_ms=200).values() for item in batch]
            if records:
                self._persist(partial(self.worker.handle, records))
                if self._interrupted:
                    return
                consumer.commit()
            watchdog.check()

    _interrupted = False

    def _persist(self, effect: Callable[[], object]) -> None:
        pause = 0.2
        while True:
            try:
                effect()
            except TooManyParkedError:
                raise
            except Exception:  # noqa: BLE001 - nothing may be lost, so nothing ends the wait but a stop
                # The database is away: the records stay in hand and the offsets uncommitted.
                logger("worker").exception("waiting_for_database", retry_in=pause)
                if self.stopping.wait(pause):
                    self._interrupted = True
                    return
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return

    def _repeat(self, part: Callable[[], Any]) -> None:
        while not self.stopping.wait(1.0):
            self.pulse.beat(part.__name__)
            try:
                part()
            except Exception:  # noqa: BLE001 - the next round may do better
                logger("worker").exception("periodic_work_failed", work=part.__name__)

    def run_timers(self) -> int:
        """Run what is due, until nothing is: a timer may set itself again for now, as long work in small steps does."""
        ran = 0
        while not self.stopping.is_set() and (now := run_due(self.database, self.relay_database)):
            ran += now
        return ran

    def sweep(self) -> None:
        """For every tenant here: ask for what is missing, announce what became quiet, drop what is kept no longer."""
        forgetting = time.monotonic() - self._forgot_at >= FORGET_EVERY
        retry_unknown_keys(self.worker)
        with self.database.cell_session() as session:
            here = select(DirectoryRow.id).where(DirectoryRow.cell == self.settings.cell)
            tenants = [*session.scalars(here), *self.database.directory.hosted(session, [PLATFORM])]
        for tenant in tenants:
            with self.database.session(machine_context(tenant, "sweep")) as session:
                sweep_tenant(session)
                if forgetting:
                    forget_old(session)
        if forgetting:
            self._forgot_at = time.monotonic()


def sweep_tenant(session: Session) -> None:
    """One tenant's share of the sweep."""
    waiting = ProgressRow.tenant_id == session.context.tenant_id, ProgressRow.status == HELD
    held = select(ProgressRow).where(*waiting).order_by(ProgressRow.asked_at).limit(100)
    ask_for_missing(session, session.scalars(held.with_for_update(skip_locked=True)))
    announce_heads(session)
    sequence(session)
    beat(session)


def _record(item: Any) -> Record:
    return Record(item.topic, item.partition, item.offset, item.value)
