"""Batches: how many Kafka records a worker takes at once, and whether they are still its own."""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST, LARGEST = 25, 2000
LONG = 0.5
"""Seconds after which a batch has kept others waiting: what comes behind it, the answers to its commands as well."""
FROZEN = 8.0
"""Seconds within one poll of 0.2 s after which the group may have taken this process for dead."""


class FrozenError(Exception):
    """The process was stopped, or its machine: what it holds of Kafka is no longer its own."""


def check_alive(polled: float) -> None:
    """Raises `FrozenError` when one poll took so many seconds that nothing it gave could be committed."""
    if polled > FROZEN:
        raise FrozenError(f"stood still for {polled:.0f} s; starts anew at what is committed")


@dataclass
class Batch:
    """Many records that go quickly together, few that go one by one, as commands do."""

    size: int = SMALLEST
    was_large: bool = False
    """The last one, so that more may wait behind it."""

    def took(self, records: int, seconds: float) -> None:
        """Learn from the last one."""
        self.was_large = records >= SMALLEST
        if seconds > LONG:
            self.size = max(self.size // 2, SMALLEST)
        elif records == self.size:
            self.size = min(self.size * 2, LARGEST)
