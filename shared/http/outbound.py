"""Requests to addresses that tenants name: to the public network alone, bounded in time and size, never redirected."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

import certifi
import httpcore

from shared.core.errors import UnavailableError
from shared.core.log import logger

SECONDS = 5.0
"""For each of connecting, sending and waiting; twice as long for everything together."""
LARGEST = 1_000_000
AT_ONCE = 4
"""Requests of one process on their way: others' slowness must not hold all its threads."""
NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class OutboundAnswer:
    """What came back."""

    status: int
    media_type: str
    body: bytes


class _Timed(httpcore.NetworkStream):
    """Nothing is waited for beyond `until` (monotonic): a byte a second would never run into a time-out of its own."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self.stream, self.until = stream, until

    def _left(self, timeout: float | None) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("too slow")
        return left if timeout is None else min(left, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(self, ssl_context: ssl.SSLContext, *more: Any, **options: Any) -> httpcore.NetworkStream:
        options["timeout"] = self._left(options.get("timeout"))
        return _Timed(self.stream.start_tls(ssl_context, *more, **options), self.until)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class _Guarded(httpcore.NetworkBackend):
    """Connects to addresses it has judged itself: what a name means cannot change between look and connection."""

    def __init__(self, *, local: bool, until: float) -> None:
        self.local, self.until = local, until
        self.plain = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *more: Any, **options: Any) -> httpcore.NetworkStream:
        """As httpcore calls it."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
        if not addresses or not (self.local or all(is_public(address) for address in addresses)):
            raise httpcore.ConnectError("not a public address")
        return _Timed(self.plain.connect_tcp(addresses[0], port, *more, **options), self.until)

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """Never."""
        raise httpcore.ConnectError("no sockets of this machine")


def is_public(address: str) -> bool:
    """Whether an address, and any other that is wrapped in it, belongs to the public network."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return all(item.is_global and not item.is_multicast for item in (found, *_wrapped(found)))


def _wrapped(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address]:
    if isinstance(address, IPv6Address):
        if address in NAT64:
            yield IPv4Address(int(address) & 0xFFFFFFFF)
        inner = address.ipv4_mapped or address.sixtofour
        yield from [inner] if inner else []
        yield from address.teredo or ()


@dataclass
class Outbound:
    """One process's door to the outside; `local` opens it to internal addresses and plain http, for development."""

    local: bool
    _places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> OutboundAnswer:
        """The answer, whatever its status; raises `UnavailableError` when there is none in time and bounds."""
        parts = urlsplit(url)
        if parts.scheme not in (("https", "http") if self.local else ("https",)) or not parts.hostname:
            raise unreachable("not an https address")
        try:
            with self._place():
                return self._asked(method, url, headers=list((headers or {}).items()), content=content)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, ValueError, OSError) as error:
            raise unreachable(type(error).__name__) from error

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=1.0):
            raise unreachable("busy")
        try:
            yield
        finally:
            self._places.release()

    def _asked(
        self, method: str, url: str, *, headers: list[tuple[bytes | str, bytes | str]], content: bytes | None
    ) -> OutboundAnswer:
        until = time.monotonic() + 2 * SECONDS
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), SECONDS)
        pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(cafile=certifi.where()),
            network_backend=_Guarded(local=self.local, until=until),
        )
        with (
            pool,
            pool.stream(method, url, headers=headers, content=content, extensions={"timeout": timeout}) as answer,
        ):
            body = b""
            for part in answer.iter_stream():
                body += part
                if len(body) > LARGEST:
                    raise unreachable("too large")
        named = {name.lower(): value for name, value in answer.headers}
        kind = named.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
        return OutboundAnswer(answer.status, kind, body)


def unreachable(why: str) -> UnavailableError:
    """The other side did not answer, or may not be asked; why stands in the log."""
    logger("outbound").warning("unreachable", why=why)
    return UnavailableError(
        "outside_unreachable",
        "无法访问外部服务。请稍后重试;仍不行请联系管理员。",
        "The service outside could not be reached. Try again later, or ask the administrator.",
    )
