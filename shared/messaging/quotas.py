"""Quotas: how much the signed documents of one tenant, or of one cell, may cost another in a minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.core.clock import Clock
from shared.core.log import Seldom, logger
from shared.core.metrics import OVER_QUOTA

RESENT = "resent"
PER_MINUTE: Mapping[str, int] = {
    "command": 12_000, "head": 600, "receipt": 6_000, "resync": 6_000, RESENT: 60_000,
    "beat": 600, "manifest": 12_000, "ask": 6_000,
}  # fmt: skip
"""Documents of each kind per sender, and entries told again: far above what an honest backlog needs.

What is above is passed over. Nothing is lost by it: commands, heads, receipts and resyncs are repeated until they are
answered, so are the questions of cells, and what a beat or a manifest said the next beat says again. An answer is for a
command that waits for it, and costs nobody anything else. An erasure is asked for once and must not be forgotten.
"""


@dataclass
class Quotas:
    """A bucket per sender and kind that fills up evenly; senders are listed tenants and named cells."""

    clock: Clock
    _left: dict[tuple[UUID, str], tuple[float, datetime]] = field(default_factory=dict)
    _warnings: Seldom = field(default_factory=lambda: Seldom(logger("worker")))

    def admit(self, sender: UUID, kind: str) -> bool:
        """Whether another document of this kind may be taken from `sender`; counts it."""
        if kind not in PER_MINUTE:
            return True
        left = self._now(sender, kind)
        if left < 1 or (kind in ("resync", "ask") and self._now(sender, RESENT) < 1):
            OVER_QUOTA.labels(kind).inc()
            self._warnings.warning("over_quota", (sender, kind), sender=str(sender), kind=kind)
            return False
        self._left[sender, kind] = left - 1, self.clock.now()
        return True

    def spend(self, sender: UUID, kind: str, *, amount: int) -> None:
        """Count what one document turned out to cost; a debt is paid off by waiting."""
        self._left[sender, kind] = self._now(sender, kind) - amount, self.clock.now()

    def _now(self, sender: UUID, kind: str) -> float:
        full, now = PER_MINUTE[kind], self.clock.now()
        left, at = self._left.get((sender, kind), (full, now))
        return min(full, left + full * abs((now - at).total_seconds()) / 60)
