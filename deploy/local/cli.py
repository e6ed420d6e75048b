"""The commands `up`, `down` and `status`: the whole platform on this machine, in the foreground or behind it."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import click
from rich.console import Console

from deploy.local.errors import StackError
from deploy.local.foreground import STOPPING, stay
from deploy.local.platform import WEB_SOCKET, Platform, is_up
from deploy.local.report import print_running, report
from deploy.local.stack import Stack
from deploy.local.supervisor import Supervisor
from shared.core.settings import state_folder


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
        stay(stack, console, start=lambda: _guarded(lambda: _start(stack, console, demo=demo)))
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

    def say(line: str) -> None:
        click.echo(f"{datetime.now(UTC):%H:%M:%S} {line}")

    def given_up(name: str) -> None:
        # Who calls would wait for an answer that nobody gives.
        if name == "web" and stack.web_socket is not None:
            stack.web_socket.close()

    Supervisor(Platform(stack, Console()).ways(), say, given_up).run(stopping)


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


def _guarded(start: Callable[[], None]) -> None:
    try:
        start()
    except StackError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        sentence = "磁盘或权限问题,请处理后重试 / A problem with disk or permissions: mend it and run again"
        raise click.ClickException(f"{sentence}: {error}") from error
