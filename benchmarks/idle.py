"""What a cell costs at which nobody asks for anything: CPU and memory of all of the project's processes together."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.crowds import crowd
from benchmarks.processes import Meter, memory
from benchmarks.stage import EVERYTHING, Stage
from benchmarks.web import until_it_answers

TENANTS = 400
SECONDS = 20.0
CALM = 15.0
"""Until what a start does once is done."""


def measure(stage: Stage, _rounds: int) -> list[dict[str, Any]]:
    """Per cent of a core and proportional megabytes by process, with the sum of each; the servers beside them."""
    crowd(stage, TENANTS - int(stage.one("SELECT count(*) FROM shared.directory")) - 1)
    with stage.running(EVERYTHING) as pids:
        until_it_answers(stage)
        stage.settle()
        time.sleep(CALM)
        own, servers, began = Meter(pids), Meter(stage.servers()), time.monotonic()
        time.sleep(SECONDS)
        share = 100 / (time.monotonic() - began)
        cost = {name: spent * share for name, spent in own.spent().items()}
        beside = {name: spent * share for name, spent in servers.spent().items()}
        held = memory(pids)
    found = {
        "tenants": int(stage.one("SELECT count(*) FROM shared.directory")),
        "cpu": {**cost, "sum": sum(cost.values())},
        "servers": beside,
        "memory": {**held, "sum": sum(held.values())},
    }
    return [found]
