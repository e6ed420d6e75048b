"""Kills and stops under load: `python -m tests.faults [kill:worker …] [--backlog 20000]`; alone, the whole matrix.

Everything runs under `xietong up --foreground`, and nothing is started again by hand.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.local.processes import PROJECT, wait_until
from deploy.local.stack import Stack
from shared.core.settings import Settings
from tests.faults import backlog
from tests.faults.blows import Blow, is_back, matrix
from tests.faults.checking import Verdict, judge, settle
from tests.faults.writing import Note, Stage, flows_after, write

BEFORE, AFTER = 4.0, 4.0
"""Seconds of writing before the blow, and after all flows again."""
QUICK = 3.0
"""Seconds within which forwarded commands are to flow again."""


@contextmanager
def foreground(home: Path) -> Iterator[Stack]:
    """`xietong up --foreground` for the length of the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XIETONG_")}
    argv = [sys.executable, "-m", "deploy", "up", "--foreground"]
    with (home.with_suffix(".log")).open("wb") as log:
        process = subprocess.Popen(
            argv, env={**environment, "XIETONG_HOME": str(home)}, stdout=log, stderr=log, cwd=PROJECT
        )
    stack = Stack(home)
    try:
        if not wait_until(lambda: process.poll() is not None or _is_up(stack), within=300, every=1):
            raise AssertionError("the stack did not start")
        yield stack
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=120)


def _is_up(stack: Stack) -> bool:
    said = stack.home.with_suffix(".log").read_text("utf-8", "replace")
    return "Ctrl-C" in said and is_back(stack)


def strike(stack: Stack, settings: Settings, blow: Blow) -> tuple[float, float, Verdict, int]:
    """One cell: seconds until the part was back, until commands flowed after that, and the verdict."""
    stage, note, stopping = Stage(settings), Note(), Event()
    threads = write(stage, note, stopping)
    time.sleep(BEFORE)
    back = blow.strike(stack)
    flows, made = flows_after(stage)
    note.add(made)
    time.sleep(AFTER)
    stopping.set()
    for thread in threads:
        thread.join(60)
    parks = list(stage.parks.values())
    settled = settle(stack, parks)
    verdict = judge(stack, parks, note.changes)
    if not settled:
        verdict.unequal += 1
        verdict.examples.append("something is still on its way")
    return back, flows, verdict, note.unsure


def shown(rows: list[tuple[Any, ...]]) -> Table:
    """The matrix."""
    table = Table(title="kills and stops under load; nothing started again by hand")
    heads = ("blow", "back s", "flows again s", "acknowledged", "unsure", "lost", "doubled", "reordered", "unequal")
    for head in heads:
        table.add_column(head, justify="left" if head == "blow" else "right")
    for blow, back, flows, verdict, unsure in rows:
        counts = (verdict.acknowledged, unsure, verdict.lost, verdict.doubled, verdict.reordered, verdict.unequal)
        style = "red" if not verdict.clean else "yellow" if flows > QUICK else ""
        table.add_row(str(blow), f"{back:.1f}", f"{flows:.1f}", *map(str, counts), style=style)
    return table


def main() -> int:
    """Run what is asked for; 1 when anything was lost, doubled, reordered or unequal."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("blows", nargs="*", help=", ".join(map(str, matrix())), metavar="kind:target")
    parser.add_argument("--backlog", type=int, default=None, help="events that wait for a stopped worker")
    asked = parser.parse_args()
    # The stack must not outlive whoever started it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    known = {str(blow): blow for blow in matrix()}
    if unknown := [name for name in asked.blows if name not in known]:
        parser.error(f"unknown: {', '.join(unknown)}; known are: {', '.join(known)}")
    everything = not asked.blows and asked.backlog is None
    blows = matrix() if everything else [known[name] for name in asked.blows]
    size = 20_000 if everything else asked.backlog
    return _run(blows, size)


def _run(blows: list[Blow], size: int | None) -> int:
    rows: list[tuple[Any, ...]] = []
    drained = None
    with tempfile.TemporaryDirectory(prefix="xietong-faults-") as folder, foreground(Path(folder) / "home") as stack:
        settings = Settings.load(stack.environment())
        for blow in blows:
            row = (blow, *strike(stack, settings, blow))
            rows.append(row)
            print(blow, *(f"{value:.1f}" for value in row[1:3]), row[3], flush=True)
        if size:
            drained = backlog.measure(stack, settings, size=size)
    console = Console(width=140)
    if rows:
        console.print(shown(rows))
    if drained is not None:
        console.print(str(drained))
    return 0 if all(row[3].clean for row in rows) and (drained is None or drained.clean) else 1


if __name__ == "__main__":
    sys.exit(main())
