"""Where what is known of something that others broadcast ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Horizon:
    """Nothing that was said later than `until` is known here; None where nothing was ever known for sure.

    `missing` where something later is there, or nobody can tell: then what is here must not be relied on. Else its
    home was merely not heard since, for no longer than the settings allow.
    """

    until: datetime | None
    missing: bool

    @property
    def since(self) -> datetime:
        """As `until`, in an order."""
        return self.until or BEGINNING
