"""The command `demo`: plays the scenario against the running platform; exit code 0 when everything held, else 1."""

from __future__ import annotations

import time

import click
from rich.console import Console

from deploy.demo.case import CaseLife
from deploy.demo.catalogue import offer
from deploy.demo.certificate import CertificateLife
from deploy.demo.errors import NotHeldError
from deploy.demo.gaozhu import Gaozhu, next_run
from deploy.demo.journals import prove_both_sides
from deploy.demo.measuring import measure, quantiles_table, steps_table
from deploy.demo.scenario import Scenario
from deploy.demo.stage import HOME, Stage
from shared.core.settings import Settings
from shared.http.client import AnswerError

DOWN = "平台没有运行,请先运行 make run / The platform does not run: start it with `make run`"


@click.command()
@click.option("--changes", default=200, type=click.IntRange(2), help="How many changes to time at the end.")
def demo(changes: int) -> None:
    """演示:三方让高竹新区生效 / Play the scenario over HTTP; exits 0 when everything held."""
    console = Console()
    try:
        play(Settings.load(), console, changes=changes)
    except (NotHeldError, AnswerError) as error:
        raise click.ClickException(f"演示未通过 / The demonstration failed: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{DOWN} ({error})") from error


def play(settings: Settings, console: Console, *, changes: int) -> None:
    """The whole demonstration with its tables; raises `NotHeldError`, `AnswerError` or OSError."""
    began = time.monotonic()
    stage = Stage.open(settings, console)
    gaozhu = Gaozhu.load(stage.tenants)
    taken = [park["name_zh"] for park in stage.officials[HOME].all("/v1/parks", q=gaozhu.name)]
    scenario = Scenario(stage, gaozhu, next_run(gaozhu.name, taken))
    scenario.play()
    CertificateLife(stage).play()
    CaseLife(stage, offer(stage)).play()
    for file in prove_both_sides(stage, scenario.park_id):
        console.print(f"   [dim]{file}[/dim]", highlight=False, soft_wrap=True)
    started = time.time()
    timings = measure(stage, gaozhu.measured_park(scenario.run_number), changes=changes)
    stage.tell(
        f"{len(timings)} 次修改逐一计时 / {len(timings)} changes timed one by one", started, took=time.time() - started
    )
    console.print(steps_table(stage.timings), quantiles_table(timings))
    console.print(f"[green]✓ 全部成立 / Everything held[/green] [dim]{time.monotonic() - began:.1f} s[/dim]")
