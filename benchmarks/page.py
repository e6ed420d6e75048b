"""The page of the benchmarks: its tables and plots are written by what `bench.json` holds, the words stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import plots

FOLDER = Path(__file__).parent
PAGE = FOLDER / "README.md"
TABLES = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
Figures = Mapping[str, Any]
Line = tuple[str, str, str, str, Callable[[Figures], tuple[str, str]]]
"""What; the ratio's name; the first bar; the goal; how floor and platform are said."""


def _both(part: str, *path: str, form: str) -> Callable[[Figures], tuple[str, str]]:
    def said(parts: Figures) -> tuple[str, str]:
        found = []
        for lane in ("floor", "platform"):
            value = parts[part][lane]
            for name in path:
                value = value[name]
            found.append(form.format(value))
        return found[0], found[1]

    return said


def _cost(*names: str) -> Callable[[Figures], tuple[str, str]]:
    def said(parts: Figures) -> tuple[str, str]:
        first, second = (parts["scale"][name]["cpu"]["sum"] for name in names)
        return f"{first:.2f} s per 1,000", f"{second:.2f} s per 1,000"

    return said


def _rebuilt(parts: Figures) -> tuple[str, str]:
    burst, found = parts["path"]["platform"]["burst"]["rate"], parts["rebuild"]
    return f"{burst:,.0f} /s", f"{found['rate']:,.0f} /s of {found['events']:,}"


LINES: tuple[Line, ...] = (
    (
        "commit → visible at the party, p50",
        "latency_p50",
        "≤ 1.5",
        "≤ 1.2",
        _both("path", "latency", "p50", form="{:.1f} ms"),
    ),
    (
        "commit → visible at the party, p99",
        "latency_p99",
        "≤ 2",
        "≤ 1.5",
        _both("path", "latency", "p99", form="{:.1f} ms"),
    ),
    ("burst of 20,000, two parties", "burst", "≥ 0.5", "≥ 0.8", _both("path", "burst", "rate", form="{:,.0f} /s")),
    (
        "the same, for each CPU second",
        "burst_per_cpu_second",
        "",
        "",
        _both("path", "burst", "per_cpu_second", form="{:,.0f}"),
    ),
    (
        "forwarded command with `Prefer: wait`, p50",
        "forwarded",
        "≤ 1.8",
        "≤ 1.3",
        _both("forwarded", "p50", form="{:.1f} ms"),
    ),
    ("API, read of one park", "api_read", "≥ 0.5", "≥ 0.7", _both("api", "read", "rate", form="{:,.0f} /s")),
    ("API, write of one park", "api_write", "≥ 0.5", "≥ 0.7", _both("api", "write", "rate", form="{:,.0f} /s")),
    (
        "`check` of one certificate at 1,000,000, p50",
        "check_p50",
        "≤ 2",
        "≤ 1.4",
        _both("check", "p50", form="{:.1f} ms"),
    ),
    (
        "a quiet tenant's p95 beside a flood (floor: without)",
        "neighbour_p95",
        "≤ 1.3",
        "≤ 1.15",
        _both("neighbours", "p95", form="{:.1f} ms"),
    ),
    (
        "import of 100,000 organisations",
        "import_rows",
        "≥ 0.3",
        "≥ 0.5",
        _both("import", "rate", form="{:,.0f} rows/s"),
    ),
    ("cost per event, from 2 tenants to 10,000", "tenants", "≤ 1.15", "≤ 1.15", _cost("few_tenants", "many_tenants")),
    (
        "cost per event and replica, from 2 parties to 31",
        "parties",
        "≤ 1.15",
        "≤ 1.15",
        _cost("few_tenants", "many_parties"),
    ),
    ("a party rebuilt (floor: the burst)", "rebuild", "≥ 1", "≥ 1", _rebuilt),
)


def main_table(figures: Figures) -> list[str]:
    """The table of the issue, a line for each ratio that was measured."""
    parts = medians(figures)
    rows = ["| what | floor | platform | ratio | first bar | goal |", "| --- | --- | --- | --- | --- | --- |"]
    for what, name, bar, goal, said in LINES:
        if name in figures["ratios"]:
            floor, ours = said(parts)
            rows.append(f"| {what} | {floor} | {ours} | {figures['ratios'][name]:.2f} | {bar} | {goal} |")
    if "idle_cpu" in figures["ratios"]:
        cpu, memory = (figures["ratios"][name] for name in ("idle_cpu", "idle_memory"))
        rows += [
            f"| idle, 400 tenants: CPU of a core | – | {cpu:.1f} % | – | ≤ 5 % | ≤ 2 % |",
            f"| idle, 400 tenants: proportional memory | – | {memory:.0f} MB | – | ≤ 600 MB | ≤ 400 MB |",
        ]
    return rows


def cost_table(figures: Figures) -> list[str]:
    """CPU seconds per 1,000 events (of the API: requests) by process."""
    parts, names = medians(figures), ("relay", "worker", "web", "kafka", "postgres", "sum")
    rows = [f"| CPU seconds per 1,000 | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    for title, part, *path in (
        ("events of a burst", "path", "burst"),
        ("changes one at a time", "path", "latency"),
        ("forwarded commands", "forwarded"),
        ("reads", "api", "read"),
        ("writes", "api", "write"),
        ("checks", "check"),
    ):
        for lane in ("floor", "platform") if part in parts else ():
            found = parts[part][lane]
            for name in path:
                found = found[name]
            said = (f"{found['cpu'][name]:.2f}" if name in found["cpu"] else "–" for name in names)
            rows.append(f"| {title}, {lane} | {' | '.join(said)} |")
    return rows


def pages_table(figures: Figures) -> list[str]:
    """Milliseconds of each page, the slowest first."""
    found = medians(figures).get("pages")
    if found is None:
        return ["Not measured yet."]
    told = sorted(found["pages"].items(), key=lambda one: -one[1]["p95"])
    rows = ["| page | p50 ms | p95 ms |", "| --- | --- | --- |"]
    rows += [f"| {name} | {one['p50']:.0f} | {one['p95']:.0f} |" for name, one in told]
    return [*rows, f"| first paint of the portal's map, in Chromium | {found['paint']['p50']:.0f} | – |"]


def medians(figures: Figures) -> dict[str, Any]:
    """Of each part that did not fail."""
    return {name: one["medians"] for name, one in figures["parts"].items() if "failed" not in one["medians"]}


def machine_line(figures: Figures) -> list[str]:
    """On what, when, how many rounds."""
    found, days = figures["machine"], sorted(one["measured_at"][:10] for one in figures["parts"].values())
    rounds = max(len(one["rounds"]) for one in figures["parts"].values())
    when = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
    said = f"{found['cores']} cores ({found['processor']}), {found['memory_gb']:.0f} GB, Python {found['python']}"
    return [f"Measured {when} on {said}; medians of {rounds} rounds."]


def write(figures: Figures) -> None:
    """Fill the page's tables and draw its plots."""
    made = {"machine": machine_line, "table": main_table, "cost": cost_table, "pages": pages_table}

    def filled(found: re.Match[str]) -> str:
        return found[1] + "\n".join(made[found[2]](figures)) + "\n" + found[3]

    PAGE.write_text(TABLES.sub(filled, PAGE.read_text("utf-8")), "utf-8")
    parts = medians(figures)
    if "path" in parts:
        lanes = {lane: parts["path"][lane] for lane in ("floor", "platform")}
        curves = plots.latency({lane: found["latency"]["times"] for lane, found in lanes.items()})
        (FOLDER / "latency.svg").write_text(curves, "utf-8")
        bars = plots.cost({lane: found["burst"]["cpu"] for lane, found in lanes.items()})
        (FOLDER / "cost.svg").write_text(bars, "utf-8")
