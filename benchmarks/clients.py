"""Clients that cost as little as a client can: keep-alive sockets, requests made beforehand, answers hardly read."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END = b"\r\n\r\n"
TYPE = "Content-Type: "
JSON = f"{TYPE}application/json"


def request(method: str, path: str, token: str, *, body: bytes | None = None, headers: Sequence[str] = ()) -> bytes:
    """A whole request; its body is JSON unless the headers say otherwise."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {token}", *headers]
    if body is not None:
        lines += [f"Content-Length: {len(body)}", *([] if any(line.startswith(TYPE) for line in headers) else [JSON])]
    return "\r\n".join(lines).encode() + END + (body or b"")


@dataclass
class Client:
    """One connection to `host:port`."""

    address: str
    _buffer: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        host, _, port = self.address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, given: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        self._socket.sendall(given)
        data = self._buffer
        while (end := data.find(END)) < 0:
            data += self._more()
        length = LENGTH.search(data, 0, end + 2)
        whole = end + len(END) + (int(length[1]) if length else 0)
        while len(data) < whole:
            data += self._more()
        self._buffer = data[whole:]
        return int(data[9:12]), data[end + len(END) : whole]

    def close(self) -> None:
        self._socket.close()

    def _more(self) -> bytes:
        received = self._socket.recv(65536)
        if not received:
            raise ConnectionError("the server closed the connection")
        return received


@dataclass
class Asked:
    """What clients saw: milliseconds of each answer that counts, how many had which status, and the whole time."""

    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers with a status below 400 in a second."""
        return sum(count for status, count in self.statuses.items() if status < 400) / self.seconds


def ask_for(
    address: str, makers: Sequence[Callable[[int], bytes]], *, seconds: float, pause: float = 0.0, least: int = 0
) -> Asked:
    """So many clients as makers, each asking again `pause` seconds after it began to; at once without.

    For so many seconds, and until each has asked `least` times.
    """
    found, began = Asked(), time.perf_counter()

    def one(make: Callable[[int], bytes]) -> None:
        client, number, due = Client(address), 0, began
        while (now := time.perf_counter()) < began + seconds or number < least:
            if now < due:
                time.sleep(due - now)
                now = due
            status, _body = client.ask(make(number))
            found.times.append((time.perf_counter() - now) * 1000)
            found.statuses[status] = found.statuses.get(status, 0) + 1
            number, due = number + 1, max(due + pause, now)
        client.close()

    with ThreadPoolExecutor(len(makers)) as pool:
        for running in [pool.submit(one, make) for make in makers]:
            running.result()
    found.seconds = time.perf_counter() - began
    return found
