"""Commit to visible, one change at a time, and a burst: floor and platform in turn, by one procedure."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from typing import Any

from benchmarks.lanes import FloorLane, Lane, platform_lane, until_visible, wait_for_burst, warm
from benchmarks.processes import Meter, per_thousand, running
from benchmarks.stage import Stage

CHANGES = 200
BURST = 20_000


def measure(stage: Stage, rounds: int) -> list[dict[str, Any]]:
    """So many rounds of both lanes."""
    platform = platform_lane(stage)
    lanes: dict[str, Lane] = {"floor": FloorLane(stage, platform.message_size()), "platform": platform}
    return [{name: one_round(lane) for name, lane in lanes.items()} for _round in range(rounds)]


def one_round(lane: Lane) -> dict[str, Any]:
    """Both parts, with processes that are started for it."""
    with running(lane.parts, lane.stage.environment) as own:
        warm(lane)
        pids = {**own, **lane.stage.servers()}
        return {"latency": latency(lane, pids), "burst": burst(lane, pids)}


def latency(lane: Lane, pids: Mapping[str, int]) -> dict[str, Any]:
    """Milliseconds from commit to visible, one after the other."""
    meter = Meter(pids)
    times = sorted(until_visible(lane, lane.change(number)) for number in range(CHANGES))
    cost = per_thousand(meter.spent(), CHANGES)
    return {"p50": statistics.median(times), "p99": times[int(CHANGES * 0.99) - 1], "cpu": cost, "times": times}


def burst(lane: Lane, pids: Mapping[str, int], *, size: int = BURST) -> dict[str, Any]:
    """Events per second from the release, which is the commit of all of them, to the last replica; and their cost."""
    release = lane.fill(size)
    # What the filling has left to do is not the burst's: a second for the servers, and the processes rest anyway.
    time.sleep(1.0)
    meter = Meter(pids)
    began = release()
    seconds = wait_for_burst(lane) - began
    cost = per_thousand(meter.spent(), size)
    return {"rate": size / seconds, "per_cpu_second": 1000 / cost["sum"], "cpu": cost}
