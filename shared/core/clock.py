"""The time, from one place, so that tests move it and nothing sleeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class Clock:
    """Wall clock plus an offset."""

    offset: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC) + self.offset

    def advance(self, by: timedelta) -> None:
        """Move the clock; time never goes back by this."""
        if by < timedelta(0):
            raise ValueError("a clock only moves forward")
        self.offset += by
