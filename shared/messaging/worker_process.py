"""The worker process: consumer, timers, reactions and the sweep, started together and drained together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

from shared.commands.reacting import react_due
from shared.core.log import logger
from shared.core.pauses import Pause
from shared.core.settings import Settings
from shared.files.store import Store
from shared.journal.session import Database
from shared.journal.timers import run_due
from shared.messaging import kafka
from shared.messaging.batches import Batch, FrozenError, check_alive
from shared.messaging.measuring import Measuring
from shared.messaging.rejecting import Record
from shared.messaging.sweeping import Sweep
from shared.messaging.worker import Proven, TooManyParkedError, Worker
from shared.server import operations
from shared.server.process import beside, heed_signals, patiently, spare_the_collector, tell
from shared.server.pulse import Pulse

MANY = 100
"""Records of a batch that is verified while the one before it is applied."""
CONFIRM_EVERY = 0.5
"""Seconds between two tellings of homes how far tenants here have come: one receipt for many changes."""
PATIENCE = 5.0
"""Seconds for which the sweep leaves the processor to records that have piled up."""
FORGET_EVERY = 60.0
"""Seconds between two rounds of dropping what is kept no longer."""
LEFT_ASIDE = timedelta(days=1)
"""How long an upload or a copy may take at the very most."""


@dataclass
class _Ahead:
    """A batch in hand, and its verifying where that has begun."""

    records: Sequence[Record]
    verifying: Future[Proven] | None = None

    def apply(self, worker: Worker) -> None:
        """Verify it, unless that is done, and apply it; once more from the start if that failed."""
        if self.verifying is None or self.verifying.exception() is not None:
            worker.handle(self.records)
        else:
            worker.apply(self.verifying.result())


@dataclass
class WorkerProcess:
    """Consumer, timers, reactions and the sweep of one worker process; `stop` drains it."""

    settings: Settings
    services: Sequence[str]
    more: Sequence[Callable[[WorkerProcess], Callable[[], int]]] = ()
    """Each makes another part, which runs in a thread of its own, of this process."""
    stopping: Event = field(default_factory=Event)
    _batch: Batch = field(default_factory=Batch, init=False)
    _confirmed_at: float = field(default=float("-inf"), init=False)
    _swept_at: float = field(default=float("-inf"), init=False)
    _forgot_at: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self.database = Database(self.settings, "worker", pool=8)
        self.relay_database = Database(self.settings, "relay", pool=4, clock=self.database.clock)
        self.worker = Worker(self.database, self.stopping)
        self.sweeping = Sweep(self.database, self.relay_database)
        self.pulse = Pulse("worker")

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; what is in hand is finished, what is not committed comes again."""
        heed_signals(self.stopping)
        spare_the_collector()
        tell(self.settings, partial(operations.readiness, self.database, self.pulse), stopping=self.stopping)
        Measuring(self.settings, self.services, self.relay_database, self.database, self.stopping).start()
        threads = [
            Thread(target=self._repeat, args=(part,))
            for part in (self.run_timers, self.run_reactions, self.sweep, *(make(self) for make in self.more))
        ]
        self.pulse.beat("consumer")
        with beside(threads, self.stopping):
            topics, pause = kafka.cell_topics(self.settings, self.services), Pause()
            while not self.stopping.is_set():
                consumer = patiently(partial(kafka.consumer, self.settings, topics), self.stopping)
                try:
                    if consumer is not None:
                        self._consume_with(consumer, pause)
                except TooManyParkedError:
                    raise
                except FrozenError as error:
                    logger("worker").warning("consumer_replaced", reason=str(error))
                except Exception:  # noqa: BLE001 - whatever a client library raises, a new consumer starts at what is committed
                    seconds = pause.failed()
                    logger("worker").exception("consumer_replaced", retry_in=seconds)
                    self.stopping.wait(seconds)
                finally:
                    if consumer is not None:
                        consumer.close(timeout_ms=1000)
        self.database.close()
        self.relay_database.close()

    def _consume_with(self, consumer: Any, pause: Pause) -> None:
        watchdog, self._batch, offsets = kafka.Watchdog(consumer), Batch(), kafka.Offsets(consumer)
        with ThreadPoolExecutor(1, "verifying") as beside_us:
            ahead: _Ahead | None = None
            while not self._interrupted and (ahead is not None or not self.stopping.is_set()):
                self.pulse.beat("consumer")
                asked = time.monotonic()
                polled = {} if self.stopping.is_set() else consumer.poll(200 if ahead is None else 0, self._batch.size)
                records = [
                    Record(one.topic, one.partition, one.offset, one.value) for it in polled.values() for one in it
                ]
                check_alive(time.monotonic() - asked)
                began, in_hand = time.monotonic(), ahead
                ahead = None
                if len(records) >= MANY or (records and in_hand is not None):
                    # While one batch is applied, which waits for the database, the next is verified.
                    ahead = _Ahead(records, beside_us.submit(self.worker.verify, records))
                elif records:
                    in_hand = _Ahead(records)
                if in_hand is not None:
                    self._persist(partial(in_hand.apply, self.worker))
                    if not self._interrupted:
                        offsets.reached(in_hand.records)
                self._confirm()
                offsets.commit(now=not records)
                self._batch.took(len(records), time.monotonic() - began)
                pause.succeeded()
                watchdog.check()
        if not self._interrupted:
            self._confirm(now=True)
        offsets.commit(now=True)

    def _confirm(self, *, now: bool = False) -> None:
        if now or time.monotonic() - self._confirmed_at >= CONFIRM_EVERY:
            self._confirmed_at = time.monotonic()
            self.worker.confirm()

    _interrupted = False

    def _persist(self, effect: Callable[[], object]) -> None:
        pause = Pause()
        while True:
            try:
                effect()
            except TooManyParkedError:
                raise
            except Exception:  # noqa: BLE001 - nothing may be lost, so nothing ends the wait but a stop
                # The database is away: the records stay in hand and the offsets uncommitted.
                seconds = pause.failed()
                logger("worker").exception("waiting_for_database", retry_in=seconds)
                if self.stopping.wait(seconds):
                    self._interrupted = True
                    return
            else:
                return

    def _repeat(self, part: Callable[[], int | None]) -> None:
        """Once a second, and at once again while there was something to do."""
        done: int | None = 0
        while not self.stopping.wait(0.0 if done else 1.0):
            self.pulse.beat(part.__name__)
            done = 0
            try:
                done = part()
            except Exception:  # noqa: BLE001 - the next round may do better
                logger("worker").exception("periodic_work_failed", work=part.__name__)

    def run_timers(self) -> int:
        """Run what is due: one step of long work, which sets its timer again for now."""
        return run_due(self.database, self.relay_database)

    def run_reactions(self) -> int:
        """Let handlers take in what is due; beside the timers, so that neither waits for the other's long work."""
        return react_due(self.database, self.relay_database)

    def sweep(self) -> None:
        """Wherever it is due: ask for what is missing, announce what became quiet, drop what is kept no longer."""
        now = time.monotonic()
        if self._batch.was_large and now - self._swept_at < PATIENCE:
            return
        self._swept_at = now
        forgetting = now - self._forgot_at >= FORGET_EVERY
        self.worker.rejects.retry(self.worker.handle)
        self.sweeping.run(forgetting=forgetting, behind=self._batch.was_large)
        if forgetting:
            Store(self.settings).sweep(self.database.clock.now() - LEFT_ASIDE)
            self.worker.rejects.prune()
            self._forgot_at = now
