"""What an event costs, in CPU seconds: with a few tenants in the cell and with 10,000, with one party and with 30."""

from __future__ import annotations

from typing import Any

from benchmarks.crowds import crowd
from benchmarks.lanes import PlatformLane, platform_lane, warm
from benchmarks.path import burst
from benchmarks.stage import Stage

TENANTS, PARTIES = 10_000, 30
EVENTS, EVENTS_OF_MANY = 4_000, 1_000
"""Of a burst, so that it takes long enough to be told; each event of many parties is as many replicas."""


def measure(stage: Stage, _rounds: int) -> list[dict[str, Any]]:
    """CPU seconds per 1,000 events (of many parties: per 1,000 events and replica), all processes together."""
    two, many = platform_lane(stage), platform_lane(stage, parties=PARTIES)
    # The first burst of a stack costs more than any later one.
    _cost(two, EVENTS_OF_MANY)
    found = {"few_tenants": _cost(two, EVENTS), "many_parties": _cost(many, EVENTS_OF_MANY)}
    crowd(stage, TENANTS - int(stage.one("SELECT count(*) FROM shared.directory")) - 1)
    found["many_tenants"] = _cost(two, EVENTS)
    return [{**found, "tenants": int(stage.one("SELECT count(*) FROM shared.directory"))}]


def _cost(lane: PlatformLane, events: int) -> dict[str, Any]:
    with lane.stage.running() as own:
        warm(lane)
        found = burst(lane, {**own, **lane.stage.servers()}, size=events)
    parties = len(lane.parties)
    return {"rate": found["rate"] * parties, "cpu": {name: one / parties for name, one in found["cpu"].items()}}
