"""What is made of the figures of several rounds: medians, ratios to the floor, and the file that keeps all of them."""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Figures = Mapping[str, Any]
FILE = Path(__file__).parents[1] / "bench.json"
LIST = re.compile(r"\[[^\[\]{}]+\]")
POINTS = 100
"""Of a distribution, for its plot."""


def medians(rounds: Sequence[Figures]) -> dict[str, Any]:
    """The same shape with the median of each figure; of lists, which are distributions, the percentiles of them all."""
    return {name: _median([one[name] for one in rounds]) for name in rounds[0]}


def _median(values: Sequence[Any]) -> Any:
    if isinstance(values[0], Mapping):
        return medians(values)
    if isinstance(values[0], list):
        return [
            round(value, 2)
            for value in statistics.quantiles([value for one in values for value in one], n=POINTS, method="inclusive")
        ]
    return statistics.median(values)


def _over(part: str, *path: str) -> Callable[[Figures], float]:
    """The platform's figure over the floor's."""

    def found(parts: Figures) -> float:
        ours, floor = ((parts[part][lane]) for lane in ("platform", "floor"))
        for name in path:
            ours, floor = ours[name], floor[name]
        return float(ours) / float(floor)

    return found


def _cost(found: Figures) -> float:
    return float(found["cpu"]["sum"])


RATIOS: Mapping[str, tuple[str, Callable[[Figures], float]]] = {
    "latency_p50": ("path", _over("path", "latency", "p50")),
    "latency_p99": ("path", _over("path", "latency", "p99")),
    "burst": ("path", _over("path", "burst", "rate")),
    "burst_per_cpu_second": ("path", _over("path", "burst", "per_cpu_second")),
    "api_read": ("api", _over("api", "read", "rate")),
    "api_write": ("api", _over("api", "write", "rate")),
    "forwarded": ("forwarded", _over("forwarded", "p50")),
    "neighbour_p95": ("neighbours", _over("neighbours", "p95")),
    "check_p50": ("check", _over("check", "p50")),
    "import_rows": ("import", _over("import", "rate")),
    "tenants": ("scale", lambda parts: _cost(parts["scale"]["many_tenants"]) / _cost(parts["scale"]["few_tenants"])),
    "parties": ("scale", lambda parts: _cost(parts["scale"]["many_parties"]) / _cost(parts["scale"]["few_tenants"])),
    "rebuild": ("rebuild path", lambda parts: parts["rebuild"]["rate"] / parts["path"]["platform"]["burst"]["rate"]),
    "idle_cpu": ("idle", lambda parts: float(parts["idle"]["cpu"]["sum"])),
    "idle_memory": ("idle", lambda parts: float(parts["idle"]["memory"]["sum"])),
}
"""By name: the parts it comes from, and how. All are ours over the floor's; the last two are per cent and megabytes."""


def ratios(parts: Figures) -> dict[str, float]:
    """Those whose part was measured, and did not fail."""
    measured = {name for name, found in parts.items() if "failed" not in found}
    return {name: round(made(parts), 3) for name, (part, made) in RATIOS.items() if {*part.split()} <= measured}


def machine() -> dict[str, Any]:
    """On what it was measured."""
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": len(os.sched_getaffinity(0)), "processor": model[0].partition(":")[2].strip() if model else "",
        "memory_gb": round(memory, 1), "system": platform.system(), "python": platform.python_version(),
        "load": round(os.getloadavg()[1], 2),
    }  # fmt: skip


def kept(file: Path = FILE) -> dict[str, Any]:
    """What was measured before; empty without a file."""
    return dict(json.loads(file.read_text())) if file.exists() else {}


def keep(file: Path, name: str, found: Sequence[Figures]) -> dict[str, Any]:
    """Put one part's rounds into the file, with their medians and all ratios; the other parts stay."""
    before = kept(file)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    part = {"medians": medians(found), "rounds": [_without_lists(one) for one in found], "measured_at": now}
    parts = {**before.get("parts", {}), name: part}
    made = {
        "ratios": ratios({one: figures["medians"] for one, figures in parts.items()}),
        "machine": machine(),
        "parts": parts,
    }
    text = json.dumps(made, indent=1, ensure_ascii=False)
    file.write_text(LIST.sub(lambda found: " ".join(found[0].split()), text) + "\n")
    return made


def _without_lists(found: Any) -> Any:
    if not isinstance(found, Mapping):
        return round(found, 4) if isinstance(found, float) else found
    return {name: _without_lists(one) for name, one in found.items() if not isinstance(one, list)}
