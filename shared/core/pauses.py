"""Pauses between attempts: longer with each failure, short again after a success."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

LONGEST = 1.0
"""Seconds between two looks at a database or broker that is away: it is back sooner than somebody notices."""


@dataclass
class Pause:
    """Seconds to wait before something is tried again; whoever succeeds says so."""

    first: float = 0.1
    longest: float = LONGEST
    _next: float = field(default=0.0, init=False)

    def failed(self) -> float:
        """How long to wait now."""
        self._next = min(max(self._next * 2, self.first), self.longest)
        return self._next

    def succeeded(self) -> None:
        """What failed before says nothing about the next failure."""
        self._next = 0.0


def growing(attempts: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """The same for what is kept in a row: the pause after so many attempts, the first one being `first`."""
    doubled: int = 2 ** min(max(attempts - 1, 0), 20)
    return min(first * doubled, longest)
