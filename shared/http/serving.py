"""The server in front of every WSGI application here: whoever is slow or silent costs it no thread.

waitress reads requests and writes answers in one loop and hands only complete requests to its threads; large ones lie
in temporary files meanwhile. What it leaves open is bounded here: how long a request may take to arrive, how many
connections and bytes may be on their way, and refusals that are problem documents.
"""

from __future__ import annotations

import json
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from time import time
from typing import Any
from uuid import uuid4

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import Error, RequestEntityTooLarge

LEND = "xietong.lend"
"""Key of the WSGI environment: a context manager in which the request may sleep while another thread stands in."""
HEADER_SECONDS = 10.0
"""Until the head of a request is complete; also how long a connection may be silent between two requests."""
SLOWEST = 1_000
"""Bytes per second, on average and after the first seconds, below which a body is refused."""
LONGEST = 900.0
"""Seconds no body and no answer may exceed."""
SILENT_READER = 30.0
"""Seconds in which the reader of an answer took nothing."""
MOST_CONNECTIONS = 1_000
MOST_SPOOLED = 1_000_000_000
"""Bytes on their way at once: beyond, the body that grows is refused, and who reads least is cut off."""
IN_MEMORY = 131_072
"""Bytes of one body or answer that lie in memory; more goes to a temporary file."""
LINGER = 3.0
"""Seconds in which a refused client may read why, though it is still sending."""
REFUSALS = {
    400: ("bad_request", "请求格式不正确,请检查。", "The request is malformed. Check its syntax."),
    408: ("too_slow", "请求未能及时发送完整,请重新发送。", "The request did not arrive in time. Send it again."),
    413: ("body_too_large", "请求内容过大,请缩短或拆分。", "The body is too large. Shorten or split it."),
    431: ("head_too_large", "请求头过大,请缩短地址或请求头。", "The head is too large. Shorten address or headers."),
    501: ("not_implemented", "不支持这种传输编码,请使用 chunked 或 Content-Length。",
          "This transfer coding is not known here. Use chunked, or Content-Length."),
    503: ("busy", "系统繁忙,请稍后重试。", "The platform is busy. Nothing was changed; retry in a moment."),
}  # fmt: skip
INTERNAL = ("internal", "系统内部错误,未作任何更改。请将关联编号告知管理员。",
            "Something went wrong here; nothing was changed. Tell the operator the correlation id.")  # fmt: skip


class TooSlow(Error):  # type: ignore[misc]  # noqa: N818 - named as waitress names its refusals
    """The request did not arrive in time."""

    code = 408
    reason = "Request Timeout"


class Busy(Error):  # type: ignore[misc]  # noqa: N818 - as above
    """Too much is on its way at once."""

    code = 503
    reason = "Service Unavailable"


@dataclass(frozen=True)
class Bounds:
    """How long and how much may be on its way."""

    threads: int = 8
    body: int = 50_000_000
    header_seconds: float = HEADER_SECONDS
    body_seconds: float = HEADER_SECONDS
    slowest: int = SLOWEST
    connections: int = MOST_CONNECTIONS
    spooled: int = MOST_SPOOLED
    unread: int = MOST_SPOOLED

    def adjustments(self) -> Adjustments:
        """The same in waitress's words."""
        return Adjustments(
            threads=self.threads,
            # waitress would stop accepting, and whoever came first would shut out all others: `_make_room` does better.
            connection_limit=10 * self.connections,
            cleanup_interval=1,
            recv_bytes=65_536,
            max_request_header_size=65_536,
            max_request_body_size=self.body + 1,
            # A thread never waits for a reader: what it wrote lies in a file until it is read.
            inbuf_overflow=IN_MEMORY,
            outbuf_overflow=IN_MEMORY,
            outbuf_high_watermark=MOST_SPOOLED,
            asyncore_use_poll=True,
            # The application itself knows how many proxies it may trust.
            clear_untrusted_proxy_headers=False,
            ident="xietong",
            log_socket_errors=False,
        )


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


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """A request on its way; one whose body is too large goes to the application without it, which says so and why."""

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.error: Error | None = None
        self.began = time()
        self.body_began: float | None = None

    def received(self, data: bytes) -> int:
        """Take bytes; returns how many belonged to this request."""
        taken = int(super().received(data))
        if self.headers_finished and self.body_began is None:
            self.body_began = time()
        if isinstance(self.error, RequestEntityTooLarge):
            self.error, self.expect_continue = None, False
            self.headers |= {"CONTENT_LENGTH": str(max(self.content_length, self.body_bytes_received))}
            self.headers["CONNECTION"] = "close"
        return taken

    def postpone(self, now: float) -> None:
        """Nothing of it is read while the request before it is in hand."""
        self.began = now
        self.body_began = self.body_began and now

    def late(self, bounds: Bounds, *, now: float) -> bool:
        """Whether it takes longer than it may."""
        if self.body_began is None:
            return now - self.began > bounds.header_seconds
        spent = now - self.body_began
        return bool(spent > min(LONGEST, bounds.body_seconds + self.body_bytes_received / bounds.slowest))


class Refusal(ErrorTask):  # type: ignore[misc]
    """What waitress refuses by itself, as a problem document."""

    def execute(self) -> None:
        """Answer and close."""
        error = self.request.error
        code, zh, en = REFUSALS.get(error.code, INTERNAL)
        correlation = uuid4().hex
        document = {
            "type": f"urn:xietong:problem:{code}", "title": code.replace("_", " "), "status": error.code, "detail": zh,
            "code": code, "message": {"zh": zh, "en": en}, "errors": [], "correlation_id": correlation,
        }  # fmt: skip
        body = json.dumps(document, ensure_ascii=False).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "application/problem+json"), ("X-Correlation-ID", correlation),
            ("Cache-Control", "no-store"),
        ]  # fmt: skip
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Task(WSGITask):  # type: ignore[misc]
    """A complete request in a thread."""

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment, with the way to sleep without a thread."""
        return super().get_environment() | {LEND: self.channel.server.task_dispatcher.lend}  # type: ignore[no-any-return]


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
        self.bounds, self._spooled = bounds, 0
        place = (sock.family, sock.type, sock.proto, sock.getsockname())
        super().__init__(
            application, channels, _sock=sock, dispatcher=Dispatcher(bounds.threads), adj=bounds.adjustments(),
            sockinfo=place, bind_socket=False,
        )  # fmt: skip

    def maintenance(self, now: float) -> None:
        """Once a second."""
        channels = list(self.active_channels.values())
        for channel in channels:
            channel.check(self.bounds, now=now)
        self._spooled = sum(channel.request.body_bytes_received for channel in channels if channel.request is not None)
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
