"""The pulse of a process: each of its loops beats, and readiness asks whether all still do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

from shared.core.metrics import HEARTBEAT

LONGEST_BEAT = 30.0
"""Seconds a loop may take for one round; longer, and whoever asks is told that it hangs."""


@dataclass
class Pulse:
    """The loops of one process by name."""

    role: str
    _beats: dict[str, float] = field(default_factory=dict)

    def expect(self, part: str) -> Callable[[], None]:
        """A loop that begins now; gives what it calls each round."""
        self.beat(part)
        return partial(self.beat, part)

    def beat(self, part: str) -> None:
        """One round is done."""
        self._beats[part] = monotonic()
        HEARTBEAT.labels(self.role, part).set_to_current_time()

    def hanging(self) -> list[str]:
        """The loops that have not gone round for too long."""
        return sorted(part for part, at in self._beats.items() if monotonic() - at > LONGEST_BEAT)
