"""Measures the platform beside a raw floor, on stacks of its own; `bench.json` keeps the figures."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import entering, figures, idle, neighbours, path, revoking
from benchmarks.stage import Stage, stage

Part = Callable[[Stage, int], Sequence[Mapping[str, Any]]]
"""Measures on this stage, so many rounds."""
STAGES: Sequence[Mapping[str, Part]] = (
    {
        "path": lambda here, rounds: path.measure(here, rounds=rounds),
        "neighbours": lambda here, rounds: neighbours.measure(here, rounds=rounds),
        "entering": lambda here, _rounds: [entering.measure(here)],
        "revoking": lambda here, _rounds: [revoking.measure(here)],
    },
    {"idle": lambda here, _rounds: [idle.measure(here)]},
)
"""Parts that share a stack, in their order."""


def main() -> None:
    """Measure what is asked for, part by part; each is kept at once, so that one that fails takes no other with it."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("only", nargs="*", help=f"parts: {', '.join(name for parts in STAGES for name in parts)}")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--output", type=Path, default=figures.FILE)
    given = asked.parse_args()
    began, ratios = time.monotonic(), dict[str, float]()
    for parts in STAGES:
        wanted = {name: part for name, part in parts.items() if not given.only or name in given.only}
        if not wanted:
            continue
        with stage() as here:
            for name, part in wanted.items():
                ratios = figures.keep(given.output, name, part(here, given.rounds))["ratios"]
                print(f"{time.monotonic() - began:5.0f} s  {name} measured", flush=True)
    for name, ratio in ratios.items():
        print(f"{name:22} {ratio:8.2f}")


if __name__ == "__main__":
    main()
