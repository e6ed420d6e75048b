"""Which process is which: pids and groups are given out again, births and folders are not."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def birth(pid: int) -> str | None:
    """When a living process was born, in a form that no later process with its pid shares; None if it does not live.

    On Linux boot and clock ticks, which a corrected wall clock does not move. A killed process lives until its last
    thread has let go of its files and ports.
    """
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return told.stdout.strip() or None
    try:
        fields = stat.read_text().rpartition(")")[2].split()
        # It may be collected between the two looks.
        if fields[0] in "ZX" and sum(1 for _thread in Path(f"/proc/{pid}/task").iterdir()) < 2:
            return None
    except OSError:
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{fields[19]}"


def any_under(home: Path, group: int) -> bool:
    """Whether somebody in the group works for this state folder: stands in it, or has it in its environment."""
    if not Path("/proc/self/stat").exists():
        return True
    places = [str(home.resolve()), str((home / "postgres").resolve())]
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if stat.read_text().rpartition(")")[2].split()[2] == str(group):
                members.append(stat.parent)
    return any(_works_under(member, places) for member in members)


def _works_under(member: Path, places: Sequence[str]) -> bool:
    try:
        place, words = str((member / "cwd").readlink()), (member / "environ").read_bytes().split(b"\0")
    except OSError:
        # A zombie has neither, and needs no killing.
        return False
    return f"XIETONG_HOME={places[0]}".encode() in words or any(
        place == one or place.startswith(f"{one}/") for one in places
    )
