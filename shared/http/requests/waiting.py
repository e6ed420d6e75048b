"""Waiting for another tenant's answer without holding a database connection, nor a thread that others need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg

from shared.core.log import logger
from shared.http.requests.places import Places
from shared.journal.progress import APPLIED_CHANNEL
from shared.journal.session import Database

POLL = 0.25
"""Seconds between looks; a NOTIFY only makes the next one come sooner."""


@dataclass
class Wakeups:
    """One listening connection per process, started by the first request that waits."""

    database: Database
    places: Places = field(default_factory=Places)
    _waiting: dict[str, list[Event]] = field(default_factory=dict)
    """By tenant, as the channel names it: who waits for something of another one sleeps on."""
    _lock: Lock = field(default_factory=Lock)
    _thread: Thread | None = None

    def until(self, look: Callable[[], Any], seconds: float, *, tenant: UUID) -> Any:
        """Look until something is found or `seconds` have passed; returns it, or None.

        Looks at once when something was applied for this tenant.
        """
        deadline, woken = monotonic() + seconds, Event()
        with self._lock:
            self._waiting.setdefault(str(tenant), []).append(woken)
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="wakeups", daemon=True)
                self._thread.start()
        try:
            while True:
                woken.clear()
                if (found := look()) is not None:
                    return found
                left = deadline - monotonic()
                if left <= 0:
                    return None
                woken.wait(min(POLL, left))
        finally:
            with self._lock:
                self._waiting[str(tenant)].remove(woken)
                if not self._waiting[str(tenant)]:
                    del self._waiting[str(tenant)]

    def wake(self, tenant: str) -> None:
        """Those who wait for something of this tenant look now."""
        with self._lock:
            for woken in self._waiting.get(tenant, ()):
                woken.set()

    def _run(self) -> None:
        url = self.database.settings.url("app")
        try:
            with psycopg.connect(url, autocommit=True, application_name="xietong-wakeups") as connection:
                connection.execute(f"LISTEN {APPLIED_CHANNEL}")
                for note in connection.notifies():
                    self.wake(note.payload)
        except psycopg.Error as error:
            # The poll goes on; the next request that waits listens again.
            logger("http").warning("wakeups_lost", error=repr(error))
