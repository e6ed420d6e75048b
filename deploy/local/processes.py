"""Detached processes that outlive their starter: started, recognised without mistaking a reused pid, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from deploy.local.files import write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from deploy.local.account import Account

PROJECT = Path(__file__).resolve().parents[2]
LARGEST_LOG = 10 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """One process of the stack, remembered in `<home>/run/<name>.json`, writing to `<home>/logs/<name>.log`."""

    home: Path
    name: str

    @property
    def record(self) -> Path:
        return self.home / "run" / f"{self.name}.json"

    @property
    def log(self) -> Path:
        return self.home / "logs" / f"{self.name}.log"

    def pid(self) -> int | None:
        """The pid while this very process lives, else None."""
        known = self._known()
        return known["pid"] if known and birth(known["pid"]) == known["birth"] else None

    def start(
        self,
        argv: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        account: Account | None = None,
        fds: Sequence[int] = (),
    ) -> int:
        """Start in a session of its own, so that Ctrl-C in a terminal reaches only the starter; it inherits `fds`."""
        with _appending(self.log) as log:
            process = subprocess.Popen(
                [str(word) for word in argv],
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=fds,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        # As long as this process lives nobody else collects the child; an uncollected one would look alive.
        threading.Thread(target=process.wait, daemon=True).start()
        write_private(self.record, json.dumps({"pid": process.pid, "birth": birth(process.pid)}))
        return process.pid

    def stop(self, sign: signal.Signals = signal.SIGTERM, *, within: float = 20) -> bool:
        """Ask, wait, then kill what is left of its session; True when something was running."""
        known = self._known()
        if known is None:
            return False
        pid = self.pid()
        if pid is not None:
            _send(pid, sign)
            wait_until(lambda: self.pid() is None, within=within)
        if self.pid() is not None or birth(known["pid"]) is None:
            wait_until(lambda: not self._kill_group(known["pid"]), within=5)
        self.record.unlink(missing_ok=True)
        return pid is not None

    def _kill_group(self, group: int) -> bool:
        """Kill what is left of it; False when nobody of ours is. Its number may be a stranger's by now."""
        ours = self.pid() is not None or _any_under(self.home, group)
        return ours and _send_group(group, signal.SIGKILL)

    def _known(self) -> dict[str, Any] | None:
        try:
            return dict(json.loads(self.record.read_text()))
        except (FileNotFoundError, ValueError):
            return None


def start_process(name: str, argv: Sequence[str | Path], *, env: Mapping[str, str], fds: Sequence[int] = ()) -> Part:
    """Start one of the platform's own processes (`web`, `worker`, …) with the stack's variables on top of ours."""
    part = Part(Path(env["XIETONG_HOME"]), name)
    part.start(argv, env={**os.environ, **env}, cwd=PROJECT, fds=fds)
    return part


def birth(pid: int) -> str | None:
    """When a living process was born, in a form that no later process with its pid shares; None if it does not live.

    On Linux boot and clock ticks, which a corrected wall clock does not move. A killed process lives until its last
    thread has let go of its files and ports.
    """
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return _birth_told_by_ps(pid)
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return None
    if fields[0] in "ZX" and len(list(Path(f"/proc/{pid}/task").glob("*"))) < 2:
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{fields[19]}"


def _birth_told_by_ps(pid: int) -> str | None:
    told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


def wait_until(condition: Callable[[], bool], *, within: float, every: float = 0.05) -> bool:
    """Poll until true; False when the time is over."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def _any_under(home: Path, group: int) -> bool:
    """Whether somebody in the group works for this state folder: stands in it, or has it in its environment."""
    if not Path("/proc/self/stat").exists():
        return True
    places = [str(home.resolve()), str((home / "postgres").resolve())]
    return any(_works_under(member, places) for member in _members(group))


def _members(group: int) -> list[Path]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if stat.read_text().rpartition(")")[2].split()[2] == str(group):
                found.append(stat.parent)
    return found


def _works_under(member: Path, places: Sequence[str]) -> bool:
    try:
        place, words = str((member / "cwd").readlink()), (member / "environ").read_bytes().split(b"\0")
    except OSError:
        # A zombie has neither, and needs no killing.
        return False
    return f"XIETONG_HOME={places[0]}".encode() in words or any(
        place == one or place.startswith(f"{one}/") for one in places
    )


def _send(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return


def _send_group(group: int, sign: signal.Signals) -> bool:
    """False when nobody is left in the group."""
    try:
        os.killpg(group, sign)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _appending(log: Path) -> BinaryIO:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    return log.open("ab")
