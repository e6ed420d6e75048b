"""`up --foreground`: stays, passes on what the supervisor says, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import click
from rich.console import Console

from deploy.local.platform import Platform
from deploy.local.processes import Part
from deploy.local.stack import SUPERVISOR, Stack
from deploy.local.supervisor import Restarts

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stay(stack: Stack, console: Console, *, start: Callable[[], None]) -> None:
    """Run until a signal comes, also one that comes during the start; leave no process."""

    def stop_now(_sign: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    for sign in STOPPING:
        signal.signal(sign, stop_now)
    try:
        with suppress(click.exceptions.Exit):
            start()
        console.print("按 Ctrl-C 停止 / Ctrl-C stops everything")
        supervisor, restarts = Part(stack.home, SUPERVISOR), Restarts()
        with supervisor.log.open(encoding="utf-8", errors="replace") as said:
            said.seek(0, os.SEEK_END)
            while stack.started():
                for line in said:
                    console.print(line.rstrip(), style="yellow", markup=False, highlight=False)
                if supervisor.record.exists() and supervisor.pid() is None:
                    _again(stack, console, restarts=restarts)
                threading.Event().wait(0.5)
    except KeyboardInterrupt:
        pass
    finally:
        for sign in STOPPING:
            signal.signal(sign, signal.SIG_IGN)
        console.print("正在停止 / Stopping …")
        stack.stop()


def _again(stack: Stack, console: Console, *, restarts: Restarts) -> None:
    if restarts.pause(time.monotonic()) is None:
        console.print("[red]守护进程反复退出,不再重启;请按 Ctrl-C[/red]")
        console.print("[red]The supervisor keeps ending and is not started again; press Ctrl-C[/red]")
        Part(stack.home, SUPERVISOR).record.unlink(missing_ok=True)
        return
    restarts.note(time.monotonic())
    console.print("[yellow]守护进程已退出,现在重启 / The supervisor has ended and is started again[/yellow]")
    Platform(stack, console).supervise()
