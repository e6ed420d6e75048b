"""Processes of a benchmark: started for the length of a block, and what they cost by /proc."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
LONGEST_STOP = 60
PSS = "Pss:"


@contextmanager
def running(parts: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> Iterator[dict[str, int]]:
    """Modules of Python as processes for the length of the block; gives their ids by name."""
    given, started = {**os.environ, **environment}, dict[str, subprocess.Popen[bytes]]()
    try:
        for name, argv in parts.items():
            started[name] = subprocess.Popen([sys.executable, "-m", *argv], env=given)
        yield {name: process.pid for name, process in started.items()}
    finally:
        for process in started.values():
            process.terminate()
        for process in started.values():
            process.wait(timeout=LONGEST_STOP)


def _stat(pid: int) -> tuple[int, float] | None:
    """The parent, and CPU seconds of the process and of those of its children that have ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(words[1]), sum(map(int, words[11:15])) / TICKS


def _families() -> tuple[dict[int, float], dict[int, list[int]]]:
    seconds, children = dict[int, float](), dict[int, list[int]]()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (found := _stat(int(folder.name))):
            seconds[int(folder.name)] = found[1]
            children.setdefault(found[0], []).append(int(folder.name))
    return seconds, children


def _tree(pid: int, children: Mapping[int, Sequence[int]]) -> list[int]:
    return [pid, *(one for child in children.get(pid, ()) for one in _tree(child, children))]


def cpu(pids: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds so far by name, each with all its children, living and ended."""
    seconds, children = _families()
    return {name: sum(seconds.get(one, 0.0) for one in _tree(pid, children)) for name, pid in pids.items()}


def memory(pids: Mapping[str, int]) -> dict[str, float]:
    """Proportional megabytes by name, each with all its children."""
    children = _families()[1]
    return {name: sum(_pss(one) for one in _tree(pid, children)) for name, pid in pids.items()}


def _pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(PSS)) / 1024


@dataclass
class Meter:
    """What each of these processes has spent since the meter was made."""

    pids: Mapping[str, int]
    before: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        self.before = cpu(self.pids)

    def spent(self) -> dict[str, float]:
        """CPU seconds by name."""
        now = cpu(self.pids)
        return {name: now[name] - self.before[name] for name in self.pids}


def per_thousand(spent: Mapping[str, float], events: int) -> dict[str, float]:
    """CPU seconds per 1,000 events by name, with their sum."""
    each = {name: seconds * 1000 / events for name, seconds in spent.items()}
    return {**each, "sum": sum(each.values())}
