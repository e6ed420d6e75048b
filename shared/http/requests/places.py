"""Who may wait for another tenant's answer: so many at once that nobody else lacks a thread or a connection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

MOST_WAITING = 64
"""Requests of one process that may wait at once; half of them of one tenant. Others get 202 without waiting."""


@dataclass
class Places:
    """Who waits, so that waiting stays cheap: RFC 7240 lets a server answer at once instead."""

    most: int = MOST_WAITING
    _taken: Counter[UUID] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def taken(self, tenant: UUID, lend: Callable[[], AbstractContextManager[None]] | None) -> Iterator[bool]:
        """Whether there is a place for the length of the block, in which `lend` gives this thread's work to another."""
        with self._lock:
            free = self._taken.total() < self.most and self._taken[tenant] < (self.most + 1) // 2
            self._taken[tenant] += int(free)
        try:
            if free and lend is not None:
                with lend():
                    yield free
            else:
                yield free
        finally:
            with self._lock:
                self._taken[tenant] -= int(free)
                # Tenants that nobody waits for are forgotten.
                self._taken += Counter()
