"""A backlog behind a stopped worker drains as fast, event by event, as a short burst does."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from uuid import UUID

from benchmarks.lanes import THINGS, Parks
from deploy.local.processes import Part
from deploy.local.stack import Stack
from shared.core.settings import Settings
from tests.faults.writing import Stage

BURST = 5_000
LEAST = 0.8
"""Part of the burst's rate that the backlog must reach: figures of one machine scatter."""


@dataclass(frozen=True)
class Drained:
    """Events per second."""

    size: int
    short: int
    burst: float
    backlog: float

    @property
    def clean(self) -> bool:
        return self.backlog >= LEAST * self.burst

    def __str__(self) -> str:
        rates = f"{self.backlog:.0f} events/s; a burst of {self.short}: {self.burst:.0f} events/s"
        return f"backlog of {self.size}: {rates}; ratio {self.backlog / self.burst:.2f}"


def measure(stack: Stack, settings: Settings, *, size: int) -> Drained:
    """Both with the same procedure, the burst first."""
    ids = Stage(settings).ids
    parks = Parks(settings, UUID(ids["sichuan"]), [UUID(ids["chongqing"])])
    short = max(THINGS, min(BURST, size // 4))
    burst, backlog = (_rate(stack, parks, size=number) for number in (short, size))
    parks.close()
    return Drained(size, short, burst=burst, backlog=backlog)


def _rate(stack: Stack, parks: Parks, *, size: int) -> float:
    worker = Part(stack.home, "worker").pid()
    if worker is None:
        raise AssertionError("the worker does not run")
    os.kill(worker, signal.SIGSTOP)
    try:
        with parks.session() as session:
            written = parks.fill(session, size)
    finally:
        os.kill(worker, signal.SIGCONT)
    began = time.monotonic()
    first: tuple[float, int] | None = None
    while (count := parks.applied(written)) < size:
        if count and first is None:
            first = time.monotonic(), count
        if time.monotonic() - began > 600:
            raise AssertionError(f"only {count} of {size} arrived in ten minutes")
        time.sleep(0.1)
    since, already = first or (began, 0)
    return (size - already) / (time.monotonic() - since)
