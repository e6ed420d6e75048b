"""The server in front of every WSGI application here: whoever is slow or silent costs it no thread.

waitress reads requests and writes answers in one loop and hands only complete requests to its threads; large ones lie
in temporary files meanwhile. What it leaves open is bounded here: how long a request may take to arrive, how many
connections and bytes may be on their way, and refusals that are problem documents.
"""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from time import time
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import Error

from shared.server.arriving import LONGEST, MOST_CONNECTIONS, Bounds, Busy, Parser, Refusal, TooSlow

LEND = "xietong.lend"
"""Key of the WSGI environment: a context manager in which the request may sleep while another thread stands in."""
STOPPING = "xietong.stopping"
"""Key of the WSGI environment: an event that is set once the server stops; what goes on for long ends then."""
LINGER = 3.0
"""Seconds in which a refused client may read why, though it is still sending."""
SILENT_READER = 30.0
"""Seconds in which the reader of an answer took nothing."""


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Threads for complete requests; one that only waits is replaced until it goes on."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._own, self._lent, self._counting = threads, 0, Lock()
        self.set_thread_count(threads)

    @contextmanager
    def lend(self) -> Iterator[None]:
        """While the block sleeps, another thread serves in place of this one."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._counting:
            self._lent += more
            self.set_thread_count(self._own + self._lent)


class Task(WSGITask):  # type: ignore[misc]
    """A complete request in a thread."""

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment, with the way to sleep without a thread, and the end of it."""
        server = self.channel.server
        given: dict[str, Any] = super().get_environment()
        return given | {LEND: server.task_dispatcher.lend, STOPPING: server.stopping}

    def write(self, data: bytes) -> None:
        """Of an answer whose length nobody said, what is written goes out at once: it may be all for a while."""
        super().write(data)
        if self.content_length is None:
            self.channel.send_now()

    def build_response_header(self) -> bytes:
        """The head; of a server that stops it says that this was the last answer on this connection."""
        if self.channel.server.stopping.is_set():
            self.set_close_on_finish()
        return bytes(super().build_response_header())


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection; the loop alone reads and writes, so that its slowness is nobody else's."""

    task_class = Task
    error_task_class = Refusal
    parser_class = Parser
    server: Server
    request: Parser | None
    close_when_flushed: bool = False
    _sending_since: float | None = None
    _lingers_until: float | None = None

    @property
    def arriving(self) -> bool:
        """No complete request is in hand, and no answer is on its way out."""
        return not self.requests and not self.total_outbufs_len and not self.will_close

    def received(self, data: bytes) -> bool:
        """Take bytes, or refuse when too much is on its way in all."""
        if self._lingers_until is not None:
            return False
        taken = bool(super().received(data))
        if self.request is not None and self.request.body_began is not None and self.server.spools_too_much(len(data)):
            self.refuse(Busy(""))
        return taken

    def refuse(self, error: Error) -> None:
        """Answer what is still arriving, and close."""
        with self.requests_lock:
            request, self.request = self.request, None
            if request is None:
                self.will_close = True
                return
            request.error, request.completed = error, True
            self.requests.append(request)
            if len(self.requests) == 1:
                self.server.add_task(self)

    def check(self, bounds: Bounds, *, now: float) -> None:
        """Once a second: end what takes too long. At once, for a full socket would never become writable."""
        if self.requests:
            if self.request is not None:
                self.request.postpone(now)
        elif self.request is not None and self.request.late(bounds, now=now):
            self.refuse(TooSlow(""))
        elif self._expired(bounds, now=now):
            self.handle_close()

    def _expired(self, bounds: Bounds, *, now: float) -> bool:
        if self._lingers_until is not None:
            return now > self._lingers_until
        if self.total_outbufs_len:
            self._sending_since = self._sending_since or now
            return now - self._sending_since > LONGEST or now - self.last_activity > SILENT_READER
        self._sending_since = None
        return self.request is None and now - self.last_activity > bounds.header_seconds

    def readable(self) -> bool:
        """A refused client's bytes are read and dropped, or closing would tear its answer away."""
        return self._lingers_until is not None or bool(super().readable())

    def handle_write(self) -> None:
        """Send; before closing say that nothing more comes, and let the client read."""
        done = self.close_when_flushed and not self.total_outbufs_len and not self.will_close
        if done and self.connected and self._lingers_until is None:
            self.close_when_flushed, self._lingers_until = False, time() + LINGER
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                self.will_close = True
            return
        super().handle_write()

    def send_now(self) -> None:
        """Send what is written; while a request is in hand the loop waits for 18,000 bytes."""
        with self.outbuf_lock:
            self._flush_exception(self._flush_some, do_close=False)

    def handle_close(self) -> None:
        """Close, and drop what had arrived of a request."""
        if self.request is not None:
            self.request.close()
        super().handle_close()

    def handle_read(self) -> None:
        """Read; a client that has gone is let go at once."""
        super().handle_read()
        if not self.connected and not self.requests:
            self.will_close = True


class Server(TcpWSGIServer):  # type: ignore[misc]
    """waitress's server over one bound socket, with `bounds`."""

    channel_class = Channel
    active_channels: dict[int, Channel]

    def __init__(self, application: Any, sock: socket.socket, *, bounds: Bounds, channels: dict[int, Any]) -> None:
        self.bounds, self._spooled, self.stopping = bounds, 0, Event()
        place = (sock.family, sock.type, sock.proto, sock.getsockname())
        super().__init__(
            application,
            channels,
            _sock=sock,
            dispatcher=Dispatcher(bounds.threads),
            adj=bounds.adjustments(),
            sockinfo=place,
            bind_socket=False,
        )

    def maintenance(self, now: float) -> None:
        """Once a second."""
        channels = list(self.active_channels.values())
        for channel in channels:
            channel.check(self.bounds, now=now)
        # Complete ones lie there as well until they are answered.
        bodies = [request for channel in channels for request in (channel.request, *channel.requests) if request]
        self._spooled = sum(request.body_bytes_received for request in bodies)
        unread = sum(channel.total_outbufs_len for channel in channels)
        for channel in sorted(channels, key=_since):
            if unread <= self.bounds.unread:
                break
            if channel.total_outbufs_len:
                unread -= channel.total_outbufs_len
                channel.handle_close()

    def spools_too_much(self, more: int) -> bool:
        """Whether with `more` bytes more bodies are on their way than may be."""
        self._spooled += more
        return self._spooled > self.bounds.spooled

    def stop(self) -> None:
        """Take no connection more, and one answer on each: whoever asks on and on would hold up the end."""
        self.accepting = False
        self.stopping.set()

    def in_hand(self) -> bool:
        """Whether a request is being answered, or an answer is on its way."""
        return any(channel.requests or channel.total_outbufs_len for channel in list(self.active_channels.values()))

    def handle_accept(self) -> None:
        """Take a connection; where there are too many, the one that has sent nothing complete for longest goes."""
        if len(self.active_channels) >= self.bounds.connections:
            idle = [channel for channel in self.active_channels.values() if channel.arriving]
            if idle:
                min(idle, key=_since).handle_close()
        super().handle_accept()


def _since(channel: Channel) -> float:
    began = channel.last_activity if channel.request is None else channel.request.began
    return float(began)


def affordable(connections: int = MOST_CONNECTIONS) -> int:
    """So many connections that their sockets and temporary files stay below the process's limit of open files."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(50, min(connections, (soft - 200) // 3)) if soft != resource.RLIM_INFINITY else connections
