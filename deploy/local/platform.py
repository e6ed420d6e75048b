"""The platform's own steps and processes on top of the servers: migrate, topics, web, worker, seed, demo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deploy.local.errors import StackError, ended_early, tail
from deploy.local.processes import PROJECT, Part, start_process, wait_until
from deploy.local.stack import PLATFORM, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console

COMMAND = (sys.executable, "-m", "services")


@dataclass(frozen=True)
class Platform:
    """`command` begins every argv; tests put a stub in its place."""

    stack: Stack
    console: Console
    command: tuple[str, ...] = field(default_factory=lambda: COMMAND)

    def start(self) -> None:
        """Bring up whatever is missing, in order; returns when the web process says it is ready."""
        before = self.stack.environment()
        with self._step("PostgreSQL, Kafka"):
            environment = self.stack.start()
        for change in self.stack.changes:
            self.console.print(f"  [yellow]{change}[/yellow]")
        if environment != before:
            self._stop_processes()
        with self._step("migrate, topics"), ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda step: self._run(step, environment), ("migrate", "topics")))
        # The seed waits for the web process itself, so that both spend their start side by side.
        with self._step("web, worker, seed"), ThreadPoolExecutor(1) as pool:
            seeding = pool.submit(self._run, "seed", environment)
            self._start_processes(environment)
            seeding.result()

    def play(self) -> bool:
        """The demo prints its own lines; True when it went well."""
        environment = {**os.environ, **self.stack.environment()}
        quick = [*self.command, "demo", "--changes", "50"]
        return subprocess.run(quick, env=environment, check=False).returncode == 0

    def _start_processes(self, environment: Mapping[str, str]) -> None:
        parts = [Part(self.stack.home, name) for name in PLATFORM]
        metrics = self.stack.home / "metrics"
        if not any(part.pid() for part in parts):
            # What processes that are gone counted would be added to what these count.
            shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(exist_ok=True)
        for part in parts:
            if part.pid() is None:
                counted = {**environment, "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
                start_process(part.name, [*self.command, part.name], env=counted)
        web = Part(self.stack.home, "web")
        wait_until(lambda: web.pid() is None or is_ready(web_url(environment)), within=120, every=0.1)
        for name in PLATFORM:
            part = Part(self.stack.home, name)
            if part.pid() is None or not is_ready(web_url(environment)):
                raise ended_early(name, part.log)

    def _stop_processes(self) -> None:
        """They hold addresses of the last start in their hands."""
        for name in PLATFORM:
            Part(self.stack.home, name).stop()

    def _run(self, step: str, environment: Mapping[str, str]) -> None:
        log = self.stack.home / "logs" / f"{step}.log"
        with log.open("wb") as output:
            done = subprocess.run(
                [*self.command, step],
                env={**os.environ, **environment},
                cwd=PROJECT,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise StackError(
                f"步骤 {step} 失败,日志 {log} 的最后几行:\n{tail(log, 15)}",
                f"The step {step} failed; the last lines of its log stand above. Mend what they name, then run again.",
            )

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.console.print(f"[green]✓[/green] {name} [dim]{time.monotonic() - began:.1f} s[/dim]")


def web_url(environment: Mapping[str, str]) -> str:
    """Where a browser on this machine finds the web process; one bound to every address answers on loopback."""
    host, _, port = environment["XIETONG_WEB"].rpartition(":")
    everywhere = {"", "0.0.0.0", "[::]"}  # noqa: S104 - compared, not bound
    return f"http://{'127.0.0.1' if host in everywhere else host}:{port}"


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def is_up(stack: Stack) -> bool:
    known = stack.environment()
    return bool(known) and all(stack.status().values()) and is_ready(web_url(known))
