"""A party's command to the home of a park, request to answer, beside two hops of the floor."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from benchmarks.api import drafted, revise, sizes
from benchmarks.clients import Client
from benchmarks.lanes import WARM, FloorLane, until_visible
from benchmarks.processes import Meter, per_thousand, running
from benchmarks.stage import EVERYTHING, Stage
from benchmarks.web import token_of, until_it_answers, web

COMMANDS = 100
WAIT = "Prefer: wait=20"
HOPS = {"relay": ("benchmarks.floor", "relay"), "worker": ("benchmarks.floor", "forwarder")}


def measure(stage: Stage, rounds: int) -> list[dict[str, Any]]:
    """Milliseconds, p50 and p99, one at a time, and their cost."""
    with stage.running(EVERYTHING):
        until_it_answers(stage)
        home, party = stage.tenants("home", "party")
        token = token_of(stage, home)
        parks = [drafted(stage, token, home, party) for _park in range(WARM)]
        stage.settle()
    with web(stage):
        revise(Client(stage.settings.web), parks[0], token, 0)
    floor = FloorLane(stage, sizes(stage, parks[0])[1])
    return [{"floor": _two_hops(floor), "platform": _commands(stage, party, parks)} for _round in range(rounds)]


def _two_hops(floor: FloorLane) -> dict[str, Any]:
    with running(HOPS, floor.stage.environment) as own:
        return _times(
            lambda number: until_visible(floor, floor.change(number, hops=2)), {**own, **floor.stage.servers()}
        )


def _commands(stage: Stage, party: UUID, parks: list[str]) -> dict[str, Any]:
    with stage.running(EVERYTHING) as own:
        until_it_answers(stage)
        client, token = Client(stage.settings.web), token_of(stage, party)

        def command(number: int) -> float:
            began = time.perf_counter()
            revise(client, parks[number % WARM], token, number, WAIT)
            return (time.perf_counter() - began) * 1000

        return _times(command, {**own, **stage.servers()})


def _times(once: Callable[[int], float], pids: dict[str, int]) -> dict[str, Any]:
    for number in range(2 * WARM):
        once(number)
    meter = Meter(pids)
    times = sorted(once(number) for number in range(COMMANDS))
    cost = per_thousand(meter.spent(), COMMANDS)
    return {"p50": statistics.median(times), "p99": times[int(COMMANDS * 0.99) - 1], "cpu": cost}
