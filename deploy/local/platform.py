"""The platform's own steps and processes on top of the servers: migrate, topics, web, relay, worker, seed, demo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console

from deploy.local import files
from deploy.local.errors import StackError, ended_early, tail
from deploy.local.processes import PROJECT, Part, start_process, wait_until
from deploy.local.stack import PLATFORM, SUPERVISOR, Stack
from deploy.local.supervisor import Way

COMMAND = (sys.executable, "-m", "deploy")
WEB_SOCKET = "XIETONG_WEB_SOCKET"


@dataclass(frozen=True)
class Platform:
    """`command` begins every argv; tests put a stub in its place."""

    stack: Stack
    console: Console
    command: tuple[str, ...] = field(default_factory=lambda: COMMAND)

    def start(self) -> None:
        """Bring up whatever is missing, in order; returns when the web process says it is ready."""
        self.stack.home, self.stack.holds_web = files.make_home(self.stack.home), True
        with files.only_one(self.stack.home, "starting"):
            # Two who start the same thing would start it twice.
            Part(self.stack.home, SUPERVISOR).stop()
            try:
                before = self.stack.environment()
                with self._step("PostgreSQL, Kafka"):
                    environment = self.stack.start()
                for change in self.stack.changes:
                    self.console.print(f"  [yellow]{change}[/yellow]")
                if environment != before:
                    for name in PLATFORM:
                        Part(self.stack.home, name).stop()
                with self._step("migrate, topics"), ThreadPoolExecutor(2) as pool:
                    list(pool.map(lambda step: self._run(step, environment), ("migrate", "topics")))
                # The seed waits for the web process itself, so that both spend their start side by side.
                with self._step("web, relay, worker, seed"), ThreadPoolExecutor(1) as pool:
                    seeding = pool.submit(self._run, "seed", environment)
                    self._start_processes(environment)
                    self.supervise()
                    seeding.result()
            finally:
                if self.stack.web_socket is not None:
                    # Web process and supervisor have it by now.
                    self.stack.web_socket.close()
                    self.stack.web_socket = None

    def supervise(self) -> None:
        """Start the process that starts again what ends."""
        self._launch(SUPERVISOR, "supervise")

    def play(self) -> bool:
        """The demo prints its own lines; True when it went well."""
        environment = {**os.environ, **self.stack.environment()}
        quick = [*self.command, "demo", "--changes", "50"]
        return subprocess.run(quick, env=environment, check=False).returncode == 0

    def _start_processes(self, environment: Mapping[str, str]) -> None:
        parts = [Part(self.stack.home, name) for name in PLATFORM]
        if not any(part.pid() for part in parts):
            # What processes that are gone counted would be added to what these count.
            shutil.rmtree(self.stack.home / "metrics", ignore_errors=True)
        for part in parts:
            if part.pid() is None:
                self._launch(part.name, part.name)
        web = Part(self.stack.home, "web")
        wait_until(lambda: web.pid() is None or is_ready(web_url(environment)), within=120, every=0.1)
        for name in PLATFORM:
            part = Part(self.stack.home, name)
            if part.pid() is None or not is_ready(web_url(environment)):
                raise ended_early(name, part.log)

    def ways(self) -> list[Way]:
        """What the supervisor watches, and how it starts each again."""
        own = [Way(Part(self.stack.home, name), partial(self._launch, name, name)) for name in PLATFORM]
        return [*self.stack.ways(), *own]

    def _launch(self, name: str, step: str) -> None:
        """The web process and its supervisor inherit the listening socket: while either lives, nobody takes it."""
        metrics = self.stack.home / "metrics"
        metrics.mkdir(exist_ok=True)
        given = {**self.stack.environment(), "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
        if name in PLATFORM:
            given["XIETONG_OPERATIONS"] = self.stack.operations(name)
        held = self.stack.web_socket if name in ("web", SUPERVISOR) else None
        if held is None:
            start_process(name, [*self.command, step], env=given)
        else:
            number = held.fileno()
            start_process(name, [*self.command, step], env=given | {WEB_SOCKET: str(number)}, fds=(number,))

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
