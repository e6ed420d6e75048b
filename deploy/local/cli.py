"""The commands `up`, `down` and `status`: the whole platform on this machine, in the foreground or behind it."""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import click
from rich.console import Console

from deploy.local.errors import StackError
from deploy.local.platform import Platform, is_up
from deploy.local.report import print_running, report
from deploy.local.stack import Stack
from shared.settings import state_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option("--foreground", is_flag=True, help="Stay until Ctrl-C, then stop everything.")
@click.option("--demo", is_flag=True, help="Play the scenario once everything runs.")
def up(*, foreground: bool, demo: bool) -> None:
    """启动本机全套服务 / Start PostgreSQL, Kafka, web and worker on this machine."""
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
    """Say once which process has ended on its own; return when somebody else stopped the stack (`make stop`)."""
    told: set[str] = set()
    while stack.started():
        ended = set(stack.ended()) - told
        for name in sorted(ended):
            console.print(f"[red]{name} 已退出,见日志 {stack.home / 'logs' / name}.log;按 Ctrl-C 后重新运行[/red]")
            console.print(f"[red]{name} has ended, see that log; press Ctrl-C and run again[/red]")
        told |= ended
        threading.Event().wait(1)


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
