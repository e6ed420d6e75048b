"""Lag is measured from outside: by processes that do not move what waits, and for whoever asks on a port of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any
from uuid import UUID

import httpx
import pytest
from prometheus_client import REGISTRY

from services.registry import SERVICES
from shared.journal.timers import schedule, timer
from shared.messaging.measuring import Measuring
from shared.server import operations, pulse
from shared.server.pulse import Pulse
from tests.builders.cell import Cell
from tests.parks.builders import park_draft

MINUTE = timedelta(minutes=1)


@pytest.fixture
def measuring(cell: Cell) -> Measuring:
    return Measuring(cell.settings, SERVICES, cell.relay_database, cell.worker_database)


@timer("parks.park.measured")
def _nothing(*_: Any) -> None:
    """What a late timer would do."""


def figure(name: str, **labels: str) -> float:
    found = REGISTRY.get_sample_value(f"xietong_{name}", labels)
    assert found is not None, name
    return found


def test_the_outbox_grows_old_while_no_relay_runs(
    cell: Cell, measuring: Measuring, sichuan: UUID, chongqing: UUID
) -> None:
    measuring.outbox()
    assert figure("outbox_depth", service="parks") == 0
    assert cell.client(sichuan).post("/v1/parks", park_draft(sichuan, chongqing)).status_code == 201
    cell.clock.advance(MINUTE)
    measuring.outbox()
    assert figure("outbox_depth", service="parks") >= 1
    assert figure("outbox_age_seconds", service="parks") >= 60
    cell.carry()
    measuring.outbox()
    assert figure("outbox_age_seconds", service="parks") == 0


def test_a_command_that_nobody_answers_is_counted_and_later_overdue(
    cell: Cell, measuring: Measuring, sichuan: UUID, chongqing: UUID
) -> None:
    made = cell.client(sichuan).post("/v1/parks", park_draft(sichuan, chongqing)).json
    cell.carry()
    assert cell.client(chongqing).post(f"/v1/parks/{made['id']}/suspend", {"reason": "x"}).status_code == 202
    cell.clock.advance(timedelta(seconds=6))
    measuring.tenants(cell.worker_database)
    before = figure("waiting", what="pending"), figure("waiting", what="overdue")
    cell.clock.advance(timedelta(seconds=cell.settings.command_seconds))
    measuring.tenants(cell.worker_database)
    after = figure("waiting", what="pending"), figure("waiting", what="overdue")
    # What other tests left waiting in the cell grows late as well.
    assert before[0] - after[0] == after[1] - before[1] >= 1


def test_a_timer_that_did_not_run_is_told_with_its_lateness(cell: Cell, measuring: Measuring, sichuan: UUID) -> None:
    with cell.session(sichuan) as session:
        schedule(session, "parks.park.measured", aggregate=sichuan, due_at=cell.clock.now())
    cell.clock.advance(2 * MINUTE)
    measuring.timers()
    assert figure("timers_due") >= 1
    assert figure("timers_late_seconds") >= 120
    cell.run_timers()
    measuring.timers()
    assert figure("timers_late_seconds") == 0


def test_a_loop_that_hangs_makes_its_process_unready(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    beating = Pulse("worker")
    beat = beating.expect("consumer")
    assert operations.readiness(cell.database, beating)["status"] == "ok"
    monkeypatch.setattr(pulse, "LONGEST_BEAT", -1.0)
    assert operations.readiness(cell.database, beating) == {"status": "hanging", "parts": ["consumer"]}
    monkeypatch.setattr(pulse, "LONGEST_BEAT", 30.0)
    beat()
    assert operations.readiness(cell.database, beating)["status"] == "ok"


@pytest.fixture
def port(cell: Cell) -> Iterator[str]:
    stopping = Event()
    sock = operations.listening("127.0.0.1:0")
    assert sock is not None
    address = "http://{}:{}".format(*sock.getsockname())
    operations.serve(partial(operations.readiness, cell.database), sock, stopping=stopping)
    yield address
    stopping.set()


def test_operators_ask_on_a_port_of_their_own(port: str) -> None:
    for path, said in (("livez", b"ok"), ("readyz", b"tenants"), ("metrics", b"xietong_outbox_age_seconds")):
        assert said in httpx.get(f"{port}/{path}", timeout=10).content


def test_a_taken_port_of_operators_ends_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert operations.listening(f"127.0.0.1:{taken.getsockname()[1]}") is None
