"""A party that has nothing of what its home has told it, rebuilt from home's journal as an operator asks for it.

The entries are written at home, and their messages are lost before they are sent, which home believes were confirmed.
Where there is no `xietong rebuild` yet, home believes nothing, and says by itself where things stand.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from benchmarks.lanes import THINGS, platform_lane
from benchmarks.processes import Meter, per_thousand
from benchmarks.stage import Stage, wait_until
from deploy.__main__ import COMMANDS

SOME, FULL = 20_000, 1_000_000
"""Events: beside other parts, and where it is measured alone."""
LONGEST = 4 * 3600.0
COMMAND = "rebuild"
CONFIRMED = "UPDATE shared.heads SET waiting = '{}' WHERE tenant_id = %s"
LOST = "DELETE FROM shared.outbox WHERE tenant_id = %s"
APPLIED = "SELECT coalesce(sum(version), 0) FROM parks.parks WHERE tenant_id = ANY(%s) AND NOT id = ANY(%s)"


def measure(stage: Stage, _rounds: int) -> list[dict[str, Any]]:
    """Some of it, which takes a minute."""
    return [rebuilt(stage, SOME)]


def measure_in_full(stage: Stage, _rounds: int) -> list[dict[str, Any]]:
    """All of it, which takes as long as writing a million events does, and then as rebuilding them."""
    return [rebuilt(stage, FULL)]


def rebuilt(stage: Stage, events: int) -> dict[str, Any]:
    """Events a second from the first replica to the last, and their cost."""
    lane = platform_lane(stage)
    with stage.running():
        stage.settle()
    for _part in range(events // SOME):
        with lane.parks.session() as session:
            lane.parks.fill(session, SOME)
        stage.admin.execute(LOST, [lane.home])
    if COMMAND in COMMANDS:
        stage.admin.execute(CONFIRMED, [lane.home])
    stage.admin.execute("VACUUM ANALYZE shared.journal")

    def applied() -> int:
        return int(stage.one(APPLIED, list(lane.parties), lane.warm))

    with stage.running() as own:
        if COMMAND in COMMANDS:
            code = str(stage.one("SELECT code FROM shared.directory WHERE id = %s", lane.parties[0]))
            asking = [sys.executable, "-m", "deploy", COMMAND, "--tenant", code]
            subprocess.run(asking, env={**os.environ, **stage.environment}, check=True, stdout=subprocess.DEVNULL)
        wait_until(lambda: applied() > 0, every=0.1)
        meter, began, already = Meter({**own, **stage.servers()}), time.perf_counter(), applied()
        wait_until(lambda: applied() >= events, every=0.2 if events <= SOME else 5.0, longest=LONGEST)
        seconds = time.perf_counter() - began
        cost = per_thousand(meter.spent(), events - already)
    return {"events": events, "things": events // SOME * THINGS, "rate": (events - already) / seconds, "cpu": cost}
