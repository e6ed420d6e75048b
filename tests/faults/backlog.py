"""A backlog behind a stopped worker drains as fast, event by event, as a short burst does."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from uuid import UUID

from benchmarks.measuring import LANES, PlatformLane
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


class _Lane(PlatformLane):
    """Writes as the benchmark does, between two tenants of the demonstration."""

    home: UUID
    party: UUID

    def write(self, size: int) -> None:
        self.parks.clear()
        for _batch in range(LANES // 50):
            self._draft(50)
        for number in range(size // LANES - 1):
            for start in range(0, LANES, 50):
                self._revise(self.parks[start : start + 50], number)


def measure(stack: Stack, settings: Settings, *, size: int) -> Drained:
    """Both with the same procedure, the burst first."""
    ids = Stage(settings).ids
    lane = _Lane(settings)
    lane.home, lane.party = UUID(ids["sichuan"]), UUID(ids["chongqing"])
    short = max(LANES, min(BURST, size // 4))
    burst, backlog = (_rate(stack, lane, size=number) for number in (short, size))
    lane.close()
    return Drained(size, short, burst=burst, backlog=backlog)


def _rate(stack: Stack, lane: _Lane, *, size: int) -> float:
    worker = Part(stack.home, "worker").pid()
    if worker is None:
        raise AssertionError("the worker does not run")
    os.kill(worker, signal.SIGSTOP)
    try:
        lane.write(size)
    finally:
        os.kill(worker, signal.SIGCONT)
    began = time.monotonic()
    first: tuple[float, int] | None = None
    while (count := lane.applied()) < size:
        if count and first is None:
            first = time.monotonic(), count
        if time.monotonic() - began > 600:
            raise AssertionError(f"only {count} of {size} arrived in ten minutes")
        time.sleep(0.1)
    since, already = first or (began, 0)
    return (size - already) / (time.monotonic() - since)
