"""Waiting for another tenant's answer without holding a database connection, nor a thread that others need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Lock, Thread
from time import monotonic
from typing import Any

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
    _condition: Condition = field(default_factory=Condition)
    _starting: Lock = field(default_factory=Lock)
    _thread: Thread | None = None
    _count: int = 0

    def until(self, look: Callable[[], Any], seconds: float) -> Any:
        """Look until something is found or `seconds` have passed; returns it, or None."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="wakeups", daemon=True)
                self._thread.start()
        deadline = monotonic() + seconds
        while True:
            seen = self._count
            if (found := look()) is not None:
                return found
            left = deadline - monotonic()
            if left <= 0:
                return None
            with self._condition:
                self._condition.wait_for(lambda seen=seen: self._count != seen, timeout=min(POLL, left))  # type: ignore[misc]

    def _run(self) -> None:
        url = self.database.settings.url("app")
        try:
            with psycopg.connect(url, autocommit=True, application_name="xietong-wakeups") as connection:
                connection.execute(f"LISTEN {APPLIED_CHANNEL}")
                for _note in connection.notifies():
                    with self._condition:
                        self._count += 1
                        self._condition.notify_all()
        except psycopg.Error as error:
            # The poll goes on; the next request that waits listens again.
            logger("http").warning("wakeups_lost", error=repr(error))
