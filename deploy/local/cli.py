"""The commands `up`, `down` and `status`: the whole platform on this machine, in the foreground or behind it."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import click
from rich.console import Console

from deploy.local.errors import StackError
from deploy.local.platform import WEB_SOCKET, Platform, is_up
from deploy.local.processes import Part
from deploy.local.report import print_running, report
from deploy.local.stack import SUPERVISOR, Stack
from deploy.local.supervisor import Restarts, Supervisor
from shared.settings import state_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option("--foreground", is_flag=True, help="Stay until Ctrl-C, then stop everything.")
@click.option("--demo", is_flag=True, help="Play the scenario once everything runs.")
def up(*, foreground: bool, demo: bool) -> None:
    """启动本机全套服务 / Start PostgreSQL, Kafka, web, relay and worker on this machine, and keep them running."""
    stack, console = _stack(), Console()
    if is_up(stack):
        console.print("[green]已在运行 / Already running[/green]")
        print_running(console, stack)
    elif foreground:
        _stay(stack, console, demo=demo)
    else:
        _guarded(lambda: _start(stack, console, demo=demo))


@click.command()
def down() -> None:
    """停止本机全套服务 / Stop everything that runs for this state folder."""
    stopped = _stack().stop()
    click.echo(f"已停止 / Stopped: {', '.join(stopped)}" if stopped else "没有在运行的服务 / Nothing was running")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts; exits 0 only when all of it is up.")
def status(*, as_json: bool) -> None:
    """显示运行状态 / Say what runs and where; exits 0 only when all of it is up."""
    stack = _stack()
    found = report(stack)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        print_running(Console(), stack)
    sys.exit(0 if all(found.values()) else 1)


@click.command(hidden=True)
def supervise() -> None:
    """重启意外退出的进程 / Start again what ends; `up` runs this."""
    stack, stopping = _stack(), threading.Event()
    for sign in STOPPING:
        signal.signal(sign, lambda *_: stopping.set())
    if WEB_SOCKET in os.environ:
        stack.web_socket = socket.socket(fileno=int(os.environ.pop(WEB_SOCKET)))

    def given_up(name: str) -> None:
        # Who calls would wait for an answer that nobody gives.
        if name == "web" and stack.web_socket is not None:
            stack.web_socket.close()

    Supervisor(Platform(stack, Console()).ways(), _say, given_up).run(stopping)


def _say(line: str) -> None:
    click.echo(f"{datetime.now(UTC):%H:%M:%S} {line}")


def _stack() -> Stack:
    # Its client writes a warning for every refused connection, and here being refused is an answer.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    return Stack(state_folder())


def _start(stack: Stack, console: Console, *, demo: bool) -> None:
    platform = Platform(stack, console)
    platform.start()
    played = platform.play() if demo else True
    print_running(console, stack)
    if not played:
        console.print("[red]演示失败,原因见上文;服务仍在运行 / The demo failed, see above; the servers still run[/red]")
        raise click.exceptions.Exit(1)


def _stay(stack: Stack, console: Console, *, demo: bool) -> None:
    """Run until a signal comes, also one that comes during the start; leave no process."""
    for sign in STOPPING:
        signal.signal(sign, _stop_now)
    try:
        with suppress(click.exceptions.Exit):
            _guarded(lambda: _start(stack, console, demo=demo))
        console.print("按 Ctrl-C 停止 / Ctrl-C stops everything")
        _watch(stack, console)
    except KeyboardInterrupt:
        pass
    finally:
        for sign in STOPPING:
            signal.signal(sign, signal.SIG_IGN)
        console.print("正在停止 / Stopping …")
        stack.stop()


def _watch(stack: Stack, console: Console) -> None:
    """Pass on what the supervisor says, and supervise it; return when somebody else stopped the stack (`make stop`)."""
    supervisor, restarts = Part(stack.home, SUPERVISOR), Restarts()
    with supervisor.log.open(encoding="utf-8", errors="replace") as said:
        said.seek(0, os.SEEK_END)
        while stack.started():
            for line in said:
                console.print(line.rstrip(), style="yellow", markup=False, highlight=False)
            if supervisor.record.exists() and supervisor.pid() is None:
                _again(stack, console, restarts=restarts)
            threading.Event().wait(0.5)


def _again(stack: Stack, console: Console, *, restarts: Restarts) -> None:
    if restarts.pause(time.monotonic()) is None:
        console.print("[red]守护进程反复退出,不再重启;请按 Ctrl-C[/red]")
        console.print("[red]The supervisor keeps ending and is not started again; press Ctrl-C[/red]")
        Part(stack.home, SUPERVISOR).record.unlink(missing_ok=True)
        return
    restarts.note(time.monotonic())
    console.print("[yellow]守护进程已退出,现在重启 / The supervisor has ended and is started again[/yellow]")
    Platform(stack, console).supervise()


def _stop_now(_sign: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _guarded(start: Callable[[], None]) -> None:
    try:
        start()
    except StackError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        sentence = "磁盘或权限问题,请处理后重试 / A problem with disk or permissions: mend it and run again"
        raise click.ClickException(f"{sentence}: {error}") from error
