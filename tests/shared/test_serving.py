"""Slow, silent and oversized: none of them costs a thread, and each is told, or cut off, in time."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Barrier, Event, Thread
from time import sleep, time
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, request
from waitress import wasyncore

from shared.http.requests.places import Places
from shared.server.arriving import Bounds
from shared.server.front import LEND, STOPPING, Server

BOUNDS = Bounds(threads=2, body=100_000, connections=300, spooled=150_000)
LATER = 11.0
"""Seconds by which a test moves the server's clock: beyond what a head may take."""
SLOW = {
    "a head": b"GET /quick HTTP/1.1\r\nHost: x\r\n",
    "a body": b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nabc",
    "a chunk": b"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    "nothing": b"",
    "a reader": b"GET /large/3000000 HTTP/1.1\r\nHost: x\r\n\r\n",
}
QUICK = b"GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def application() -> Flask:
    app = Flask("served")
    app.config["MAX_CONTENT_LENGTH"] = BOUNDS.body

    @app.get("/quick")
    def quick() -> str:
        return "quick"

    @app.get("/large/<int:size>")
    def large(size: int) -> bytes:
        return b"x" * size

    @app.post("/body")
    def body() -> str:
        return str(len(request.get_data()))

    return app


class Served:
    """A server whose loop runs in a thread of the test."""

    def __init__(self, app: Any, bounds: Bounds) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        self.address = listening.getsockname()
        self.channels: dict[int, Any] = {}
        self.server = Server(app, listening, bounds=bounds, channels=self.channels)
        self.stopping = Event()
        self.thread = Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.stopping.is_set():
            wasyncore.poll2(0.05, self.channels)

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()
        self.server.task_dispatcher.shutdown()
        for channel in self.open():
            channel.handle_close()
        wasyncore.close_all(self.channels)

    def open(self) -> list[Any]:
        return list(self.server.active_channels.values())

    def arrived(self) -> int:
        """Bytes of bodies that are not complete."""
        return sum(channel.request.body_bytes_received for channel in self.open() if channel.request)

    def connect(self, content: bytes = b"") -> socket.socket:
        client = socket.create_connection(self.address, timeout=20)
        client.sendall(content)
        return client

    def ask(self, content: bytes = QUICK) -> bytes:
        with self.connect(content) as client:
            return read(client)

    def later(self, seconds: float = LATER) -> None:
        """What the loop does once a second, `seconds` from now."""
        self.server.trigger.pull_trigger(lambda: self.server.maintenance(time() + seconds))


@contextmanager
def served(app: Any, bounds: Bounds = BOUNDS) -> Iterator[Served]:
    made = Served(app, bounds)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def server() -> Iterator[Served]:
    with served(application()) as made:
        yield made


def read(client: socket.socket) -> bytes:
    """All until the server closes."""
    return b"".join(iter(lambda: client.recv(65_536), b""))


def until(condition: Callable[[], bool]) -> None:
    deadline = time() + 20
    while not condition():
        assert time() < deadline
        sleep(0.01)


def problem(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    found: dict[str, Any] = json.loads(body)
    return found


@pytest.mark.parametrize("kind", SLOW)
def test_fifty_slow_clients_leave_every_thread_to_others(server: Served, kind: str) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(server.connect(SLOW[kind]))
        for _ in range(10):
            assert server.ask().endswith(b"quick")


@pytest.mark.parametrize(("kind", "told"), [("a head", 408), ("a body", 408), ("a chunk", 408), ("nothing", None)])
def test_what_does_not_arrive_in_time_is_told_so_and_closed(server: Served, kind: str, told: int | None) -> None:
    with server.connect(SLOW[kind]) as client:
        server.ask()
        server.later(BOUNDS.header_seconds - 2)
        server.ask()
        assert len(server.server.active_channels) >= 1, "still in time"
        server.later()
        answer = read(client)
    assert (problem(answer)["status"] if answer else None) == told


def test_who_does_not_read_the_answer_is_cut_off(server: Served) -> None:
    with server.connect(SLOW["a reader"].replace(b"3", b"30", 1)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.recv(10)
        while any(channel.requests for channel in server.open()):
            server.ask()
        assert server.server.in_hand()
        server.later(25)
        server.ask()
        assert server.server.in_hand(), "still in time"
        server.later(31)
        server.ask()
        assert not server.server.in_hand(), "the rest of the answer was dropped"


def test_answers_that_nobody_reads_have_a_bound_together() -> None:
    with served(application(), replace(BOUNDS, unread=100_000)) as server, ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(server.connect(SLOW["a reader"].replace(b"3", b"30", 1)))
        while not server.server.in_hand():
            server.ask()
        while server.server.in_hand():
            server.later(0)
            server.ask()


def test_a_steady_body_may_take_longer_than_a_head(server: Served) -> None:
    with server.connect(SLOW["a body"].replace(b"5000", b"90000")) as client:
        client.sendall(b"x" * 60_000)
        while server.arrived() < 60_000:
            server.ask()
        server.later(60)
        client.sendall(b"x" * 29_997)
        client.shutdown(socket.SHUT_WR)
        assert read(client).endswith(b"90000")


@pytest.mark.parametrize(
    "content",
    [
        b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\n\r\n" + b"x" * 100_001,
        b"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n186A1\r\n" + b"x" * 100_001,
    ],
    ids=["by its length", "in chunks"],
)  # fmt: skip
def test_a_body_that_is_too_large_is_refused_by_the_application_and_the_client_can_read_why(
    server: Served, content: bytes
) -> None:
    with server.connect() as client:
        client.sendall(content)
        assert read(client).startswith(b"HTTP/1.1 413"), "read although more was sent than anybody took"
    assert server.ask().endswith(b"quick")


def test_bodies_together_have_a_bound(server: Served) -> None:
    half = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + b"x" * 80_000
    with server.connect(half), server.connect(half) as second:
        assert problem(read(second))["code"] == "busy"
    assert server.ask().endswith(b"quick")


def test_one_connection_too_many_ends_the_one_that_was_silent_longest(server: Served) -> None:
    with ExitStack() as stack:
        silent = [stack.enter_context(server.connect()) for _ in range(BOUNDS.connections)]
        assert server.ask().endswith(b"quick")
        assert silent[0].recv(1) == b"", "it made room"


def test_complete_bodies_that_wait_for_a_thread_count_as_well() -> None:
    go = Event()

    def waiting(environ: dict[str, Any], start: Any) -> list[bytes]:
        go.wait(20)
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    whole = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 90000\r\n\r\n" + b"x" * 90_000
    with served(waiting, replace(BOUNDS, spooled=200_000)) as server, ExitStack() as stack:
        taken = [stack.enter_context(server.connect(whole)) for _ in range(2)]
        until(lambda: sum(len(channel.requests) for channel in server.open()) == 2)
        server.server.maintenance(time())
        third = stack.enter_context(server.connect(whole))
        until(lambda: any(request.error for channel in server.open() for request in channel.requests))
        go.set()
        assert problem(read(third))["code"] == "busy"
        assert all(read(client).endswith(b"ok") for client in taken)


def test_a_server_that_stops_gives_one_answer_more_on_each_connection(server: Served) -> None:
    kept = b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n"
    with server.connect(kept) as client:
        client.recv(1)
        server.server.stop()
        until(lambda: not server.server.in_hand())
        client.sendall(kept + kept)
        answers = read(client)
    assert answers.count(b"quick") == 2, "the first, which was in hand, and one that came later"
    assert b"Connection: close" in answers
    assert not server.server.in_hand()


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"rubbish\r\n\r\n", 400),
        (b"GET /quick HTTP/1.1\r\nBad Header: x\r\n\r\n", 400),
        (b"GET /quick HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (b"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    ],
)
def test_refusals_of_the_server_itself_are_problem_documents(server: Served, content: bytes, status: int) -> None:
    answer = server.ask(content)
    assert int(answer.split()[1]) == status
    assert set(problem(answer)["message"]) == {"zh", "en"}


def test_requests_that_wait_take_no_thread_from_others() -> None:
    go = Event()
    asked = Barrier(9)

    def waiting(environ: dict[str, Any], start: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/wait":
            with environ[LEND]():
                asked.wait(20)
                go.wait(20)
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    with served(waiting) as server, ExitStack() as stack:
        waiters = [stack.enter_context(server.connect(QUICK.replace(b"quick", b"wait"))) for _ in range(8)]
        asked.wait(20)
        assert server.ask().endswith(b"ok"), "eight wait on two threads"
        go.set()
        assert all(read(client).endswith(b"ok") for client in waiters)
        while len(server.server.task_dispatcher.threads) > BOUNDS.threads:
            server.ask()


def test_what_goes_on_for_long_is_sent_as_it_is_written_and_ends_when_the_server_does() -> None:
    def telling(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        start("200 OK", [("Content-Type", "text/event-stream")])
        yield b"first"
        environ[STOPPING].wait(20)
        yield b"last"

    with served(telling) as server, server.connect(QUICK) as client:
        came = b""
        while b"first" not in came:
            came += client.recv(1000)
        assert server.server.in_hand()
        server.server.stop()
        assert b"last" in read(client)


def test_waiting_places_are_bounded_for_all_and_for_each_tenant() -> None:
    places, tenants = Places(most=4), [uuid4() for _ in range(3)]
    with ExitStack() as stack:
        got = [stack.enter_context(places.taken(tenants[0], None)) for _ in range(3)]
        got += [stack.enter_context(places.taken(tenants[1], None)) for _ in range(2)]
        got += [stack.enter_context(places.taken(tenants[2], None))]
    assert got == [True, True, False, True, True, False]
    assert not places._taken, "nobody waits any more"
    with places.taken(tenants[0], None) as free:
        assert free
