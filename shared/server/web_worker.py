"""One web process: gunicorn forks, watches and stops it; the server of `shared.server.front` takes its requests."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Event
from time import monotonic
from typing import Any, ClassVar

from gunicorn.workers.base import Worker
from waitress import wasyncore

from shared.server import operations
from shared.server.arriving import Bounds
from shared.server.front import Server, affordable
from shared.server.pulse import Pulse


@dataclass
class Beat:
    """A task between the requests, once a second: that it ran tells that threads are free."""

    beat: Callable[[], None]
    next_at: float = 0.0

    def due(self) -> bool:
        """Whether it is time for the next, and the last one has run."""
        due = monotonic() > self.next_at
        self.next_at = float("inf") if due else self.next_at
        return due

    def service(self) -> None:
        """A thread is free."""
        self.beat()
        self.next_at = monotonic() + 1.0

    def cancel(self) -> None:
        """The process ends."""


class WebWorker(Worker):  # type: ignore[misc]
    """`bounds` is set where gunicorn is configured."""

    bounds: ClassVar[Bounds] = Bounds()
    operators: ClassVar[socket.socket | None] = None
    """The operators' port, bound before the fork: whichever process is free answers."""

    def init_process(self) -> None:
        """Prepare the loop; gunicorn calls `run` at the end of it."""
        self.channels: dict[int, Any] = {}
        self.servers: list[Server] = []
        # It warns of each request that finds no idle thread: with eight of them that is an ordinary moment.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        super().init_process()

    def run(self) -> None:
        """Serve until told to stop; then finish what is in hand, for as long as gunicorn grants."""
        pulse, stopping = Pulse("web"), Event()
        beat = Beat(pulse.expect("threads"))
        database = self.wsgi.extensions["database"]
        operations.serve(partial(operations.readiness, database, pulse), self.operators, stopping=stopping)
        for listening in self.sockets:
            self.servers.append(Server(self.wsgi, listening.sock, bounds=self.bounds, channels=self.channels))
        while self.alive and os.getppid() == self.ppid:
            if beat.due():
                self.servers[0].add_task(beat)
            self._turn()
        for server in self.servers:
            server.stop()
        deadline = monotonic() + self.cfg.graceful_timeout
        while monotonic() < deadline and any(server.in_hand() for server in self.servers):
            self._turn(0.1)
        stopping.set()

    def _turn(self, seconds: float = 1.0) -> None:
        self.notify()
        wasyncore.poll2(seconds, self.channels)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: wake the loop, which would sleep on after the signal."""
        super().handle_exit(sig, frame)
        for server in self.servers:
            server.pull_trigger()


def bounds_of(threads: int, *, body: int) -> Bounds:
    """What this machine allows."""
    return Bounds(threads=threads, body=body, connections=affordable())
