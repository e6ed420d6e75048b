"""Many changes of one park, one after the other, each timed until every party shows it; and the tables of the times."""

from __future__ import annotations

import time
from concurrent.futures import Future

from rich.table import Table

from deploy.demo.gaozhu import Body
from deploy.demo.stage import HOME, NAMES, Stage
from deploy.demo.watching import Timing, committed_at, quantile
from events.entry import Position

REASON = "仅用于时延测量"


def measure(stage: Stage, draft: Body, *, changes: int) -> list[Timing]:
    """Draft a park at home and revise it again and again; nobody looks before home has answered.

    It is withdrawn at the end, for it is none that anybody means.
    """
    home = stage.officials[HOME]
    path = home.post("/v1/parks", draft).headers["location"]
    timings = []
    for number in range(1, changes + 1):
        began = time.time()
        answer = home.patch(path, {"sectors": [str(number)]})
        answered = time.time()
        wanted: Future[Position] = Future()
        wanted.set_result(answer.position)
        committed = committed_at(answer)
        shown = {code: found.result() - committed for code, found in stage.watchers.start(path, wanted).items()}
        timings.append(Timing(str(number), answered - began, committed - began, shown))
    home.post(f"{path}/withdraw", {"reason": REASON})
    return timings


def steps_table(timings: list[Timing]) -> Table:
    """A row per step, in milliseconds."""
    table = Table(title="提交至可见 / Commit to visible (ms)", title_justify="left")
    table.add_column("步骤 / Step", overflow="fold")
    parties = [name.replace(" ", "\n") for name in _parties(timings)]
    for name in ("请求→提交\nto commit", *parties, "请求→答复\nto answer"):
        table.add_column(name, justify="right", no_wrap=True)
    for number, timing in enumerate(timings, 1):
        figures = (timing.committed, *timing.visible.values(), timing.answered)
        table.add_row(f"{number:2} {timing.label}", *map(_milliseconds, figures))
    return table


def quantiles_table(timings: list[Timing]) -> Table:
    """Median, 99th percentile and longest per party, in milliseconds."""
    title = f"{len(timings)} 次修改的提交至可见\nCommit to visible of {len(timings)} changes (ms)"
    table = Table(title=title, title_justify="left")
    for name in ("", "p50", "p99", "max"):
        table.add_column(name, justify="right" if name else "left")
    for code, name in zip(timings[0].visible, _parties(timings), strict=True):
        _add_quantiles(table, name, values=[timing.visible[code] for timing in timings])
    _add_quantiles(table, "请求→答复 / request to answer", values=[timing.answered for timing in timings])
    return table


def _add_quantiles(table: Table, name: str, *, values: list[float]) -> None:
    figures = (quantile(values, 0.5), quantile(values, 0.99), max(values))
    table.add_row(name, *map(_milliseconds, figures))


def _parties(timings: list[Timing]) -> list[str]:
    return [f"{NAMES[code]} {code}" for code in timings[0].visible]


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"
