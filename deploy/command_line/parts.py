"""The commands that run the platform's parts: tables, topics, demonstration data, web, worker, relay.

Each loads what it runs and nothing else: a start of the stack runs all of them, and loading is most of what it costs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from services import registry
from shared.core.context import PLATFORM, machine_context
from shared.core.log import configure
from shared.core.settings import Settings


@click.command()
def migrate() -> None:
    """建立或升级数据表 / Create or upgrade the tables, through the owner role."""
    from deploy.bootstrap import ensure_platform_key  # noqa: PLC0415 - see above
    from deploy.command_line.setting_up import pinning  # noqa: PLC0415 - see above
    from services.identity.commands.bootstrap import ensure_platform  # noqa: PLC0415 - see above
    from shared.database.migrating import migrate as migrate_all  # noqa: PLC0415 - see above
    from shared.journal.session import Database  # noqa: PLC0415 - see above

    settings = Settings.load()
    migrate_all(settings.url("owner"), registry.MIGRATED)
    database = Database(settings, "app")
    ensure_platform_key(database)
    if settings.platform_cell == settings.cell:
        with database.session(machine_context(PLATFORM, "bootstrap")) as session:
            ensure_platform(session)
        click.echo("\n".join(pinning(settings)))
    click.echo("数据表已是最新 / The tables are up to date.")


@click.command()
def topics() -> None:
    """建立本单元的主题 / Create this cell's Kafka topics."""
    from shared.messaging import kafka  # noqa: PLC0415 - see above

    made = kafka.create_topics(Settings.load(), registry.SERVICES)
    click.echo(f"新建主题 / Topics created: {', '.join(made) or '-'}")


@click.command()
def seed() -> None:
    """载入演示数据 / Load the demonstration data; safe to repeat."""
    from deploy import seeding  # noqa: PLC0415 - see above

    seeding.seed(Settings.load())


@click.command()
def web() -> None:
    """运行网页进程 / Run the web process (gunicorn)."""
    settings = Settings.load()
    configuration = Path(__file__).parents[1] / "gunicorn.conf.py"
    os.environ.setdefault("XIETONG_WEB", settings.web)
    argv = [sys.executable, "-m", "gunicorn", "-c", str(configuration), "deploy.wsgi:app"]
    os.execv(sys.executable, argv)  # noqa: S606 - the process becomes gunicorn, so that signals reach it


@click.command()
def worker() -> None:
    """运行工作进程 / Run the worker: consumer, timers, reactions, exports and the sweep."""
    from shared.http.exports.running import Exporter  # noqa: PLC0415 - see above
    from shared.messaging import worker_process  # noqa: PLC0415 - see above

    def exports(process: worker_process.WorkerProcess) -> Callable[[], int]:
        pulse = process.pulse.expect("run_exports")
        issuer, relay = registry.issuer(process.database), process.relay_database
        return Exporter(process.database, issuer, relay, process.stopping, pulse).run_exports

    settings = Settings.load()
    configure(settings.log_level)
    registry.load()
    worker_process.WorkerProcess(settings, registry.SERVICES, [exports]).run()


@click.command()
def relay() -> None:
    """运行中继 / Run the relays, which put what is in the outbox on Kafka."""
    from shared.messaging import relay_process  # noqa: PLC0415 - see above

    settings = Settings.load()
    configure(settings.log_level)
    relay_process.RelayProcess(settings, registry.SERVICES).run()
