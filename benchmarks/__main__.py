"""Measures the platform beside a raw floor, on stacks of its own; `bench.json` keeps the figures."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import (
    api,
    cases,
    checking,
    entering,
    figures,
    forwarded,
    idle,
    importing,
    neighbours,
    page,
    pages,
    path,
    rebuild,
    revoking,
    scale,
)  # fmt: skip
from benchmarks.stage import Stage, stage

Part = Callable[[Stage, int], Sequence[Mapping[str, Any]]]
"""Measures on this stage, so many rounds."""
STAGES: Sequence[Mapping[str, Part]] = (
    {
        "path": path.measure,
        "forwarded": forwarded.measure,
        "api": api.measure,
        "neighbours": neighbours.measure,
        "rebuild": rebuild.measure,
        "import": importing.measure,
    },
    {"check": checking.measure},
    {"idle": idle.measure, "scale": scale.measure},
    {"entering": entering.measure, "revoking": revoking.measure},
    {"pages": pages.measure},
    {"cases": cases.measure},
)
"""Parts that share a stack, in their order."""
IF_ASKED = ("entering", "revoking", "pages", "cases")
"""Parts of which no bar is set."""
ALONE: Mapping[str, Part] = {"rebuild": rebuild.measure_in_full}
"""What is measured instead where nothing else is asked for."""


def main() -> None:
    """Measure what is asked for, part by part; each is kept at once, and one that fails takes no other with it."""
    known = [name for parts in STAGES for name in parts]
    names = [name for name in known if name not in IF_ASKED]
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("only", nargs="*", choices=[*known, "readme", []], metavar="part", help=", ".join(known))
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--output", type=Path, default=figures.FILE)
    given = asked.parse_args()
    # Whoever ends it ends its stack with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    for parts in STAGES:
        wanted = {name: part for name, part in parts.items() if name in (given.only or names)}
        if len(given.only) == 1:
            wanted = {name: ALONE.get(name, part) for name, part in wanted.items()}
        if wanted:
            with stage() as here:
                for name, part in wanted.items():
                    figures.keep(given.output, name, _measured(part, here, given.rounds))
                    print(f"{time.monotonic() - began:5.0f} s  {name} measured", flush=True)
    for name, ratio in figures.kept(given.output)["ratios"].items():
        print(f"{name:22} {ratio:8.2f}")
    if given.output == figures.FILE:
        page.write(figures.kept(given.output))


def _measured(part: Part, here: Stage, rounds: int) -> Sequence[Mapping[str, Any]]:
    try:
        return part(here, rounds)
    except (RuntimeError, OSError) as error:
        print(f"failed: {error!r}", flush=True)
        return [{"failed": repr(error)}]


if __name__ == "__main__":
    main()
