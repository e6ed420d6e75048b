"""Detached processes that outlive their starter: started, recognised without mistaking a reused pid, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.account import UnixAccount
from deploy.local.files import write_private
from deploy.local.identity import any_under, birth

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
        account: UnixAccount | None = None,
        fds: Sequence[int] = (),
    ) -> int:
        """Start in a session of its own, so that Ctrl-C in a terminal reaches only the starter; it inherits `fds`."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
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
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
            wait_until(lambda: self.pid() is None, within=within)
        if self.pid() is not None or birth(known["pid"]) is None:
            wait_until(lambda: not self._kill_group(known["pid"]), within=5)
        self.record.unlink(missing_ok=True)
        return pid is not None

    def _kill_group(self, group: int) -> bool:
        """Kill what is left of it; False when nobody of ours is. Its number may be a stranger's by now."""
        if self.pid() is None and not any_under(self.home, group):
            return False
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return False
        return True

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


def wait_until(condition: Callable[[], bool], *, within: float, every: float = 0.05) -> bool:
    """Poll until true; False when the time is over."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
