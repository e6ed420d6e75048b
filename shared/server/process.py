"""What every process of the platform does: heed signals, wait for brokers, answer operators, drain its threads."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from kafka.errors import KafkaError

from shared.core.log import logger
from shared.core.pauses import Pause
from shared.core.settings import Settings
from shared.server import operations

COLLECTED = (10_000, 20, 20)
"""When Python looks for circles of garbage: a batch or a step makes some 100,000 objects and hardly any circle."""


def spare_the_collector() -> None:
    """What is loaded at start stays, and is not looked through for circles: that was a pause of 50 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED)


def heed_signals(stopping: Event) -> None:
    """SIGTERM and SIGINT ask for a stop: what is in hand is finished."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())


def patiently(connect: Callable[[], Any], stopping: Event) -> Any:
    """What `connect` gives, once the brokers answer; None when the stop came first."""
    pause = Pause()
    while not stopping.is_set():
        try:
            return connect()
        except KafkaError:
            seconds = pause.failed()
            logger("worker").exception("waiting_for_kafka", retry_in=seconds)
            stopping.wait(seconds)
    return None


def tell(settings: Settings, ready: operations.Ready, *, stopping: Event) -> None:
    """Answer operators on this process's own port, if it has one."""
    operations.serve(ready, operations.listening(settings.operations), stopping=stopping)


@contextmanager
def beside(threads: Sequence[Thread], stopping: Event) -> Iterator[None]:
    """Run them while the block runs; then ask them to stop, and wait until they have."""
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(timeout=45)
