"""The command line `xietong`: runs the platform's parts and does what operators and scripts need."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import select

from deploy.local import cli as local
from services import demo, documents, registry, seeding
from shared import evidence, kafka, running
from shared.auth import mint
from shared.bootstrap import ensure_platform_key
from shared.context import PLATFORM, Context, machine_context
from shared.db import Database
from shared.directory import DirectoryRow
from shared.log import configure
from shared.migrating import migrate as migrate_all
from shared.parking import parked as parked_rows
from shared.parking import replay as replay_parked
from shared.settings import Settings, SettingsError


@click.group()
def xietong() -> None:
    """协同:让共建产业集群的各辖区保持同步 / Xietong keeps jurisdictions in step."""


for command in (local.up, local.down, local.status):
    xietong.add_command(command)
xietong.add_command(demo.demo)
xietong.add_command(documents.docs)


@xietong.command()
def migrate() -> None:
    """建立或升级数据表 / Create or upgrade the tables, through the owner role."""
    settings = Settings.load()
    migrate_all(settings.url("owner"), registry.SERVICES)
    ensure_platform_key(Database(settings, "app"))
    click.echo("数据表已是最新 / The tables are up to date.")


@xietong.command()
def topics() -> None:
    """建立本单元的主题 / Create this cell's Kafka topics."""
    made = kafka.create_topics(Settings.load(), registry.SERVICES)
    click.echo(f"新建主题 / Topics created: {', '.join(made) or '-'}")


@xietong.command()
def seed() -> None:
    """载入演示数据 / Load the demonstration data; safe to repeat."""
    seeding.seed(Settings.load())


@xietong.command()
def web() -> None:
    """运行网页进程 / Run the web process (gunicorn)."""
    settings = Settings.load()
    configuration = Path(local.__file__).parent.parent / "gunicorn.conf.py"
    os.environ.setdefault("XIETONG_WEB", settings.web)
    argv = [sys.executable, "-m", "gunicorn", "-c", str(configuration), "services.wsgi:app"]
    os.execv(sys.executable, argv)  # noqa: S606 - the process becomes gunicorn, so that signals reach it


@xietong.command()
def worker() -> None:
    """运行工作进程(含中继) / Run the worker, which hosts the relays."""
    settings = Settings.load()
    configure(settings.log_level)
    registry.load()
    running.WorkerProcess(settings, registry.SERVICES).run()


@xietong.command()
def relay() -> None:
    """只运行中继 / Run the relays alone."""
    settings = Settings.load()
    configure(settings.log_level)
    running.WorkerProcess(settings, registry.SERVICES).run_relays()


def _tenant_id(database: Database, code: str) -> UUID:
    if code == "platform":
        return PLATFORM
    with database.cell_session() as session:
        found = session.scalar(select(DirectoryRow.id).where(DirectoryRow.code == code))
        if found is None:
            known = ", ".join(session.scalars(select(DirectoryRow.code).order_by(DirectoryRow.code)))
            raise click.ClickException(f"没有辖区 / There is no tenant {code}. Known: platform, {known}")
    return found


@xietong.command()
@click.option("--tenant", "code", required=True, help="sichuan, chongqing, … or platform")
@click.option("--role", type=click.Choice(sorted(registry.ROLES)), default="official")
@click.option("--subject", default="demo-official", help="opaque id of the person")
@click.option("--seconds", default=3600, type=click.IntRange(1, 86400))
def token(code: str, role: str, subject: str, seconds: int) -> None:
    """签发本地访问令牌 / Print a short-lived access token of the local stack, alone."""
    settings = Settings.load()
    tenant = _tenant_id(Database(settings, "app"), code)
    click.echo(mint(settings, tenant=tenant, scopes=registry.ROLES[role], subject=subject, seconds=seconds))


@xietong.command()
@click.option("--tenant", "code", required=True)
@click.option("--replay", "aggregate", type=click.UUID, help="apply what queued behind this aggregate")
def parked(code: str, aggregate: UUID | None) -> None:
    """列出或重放搁置的事项 / List what is parked, or replay it in order."""
    settings = Settings.load()
    registry.load()
    database = Database(settings, "worker")
    with database.session(machine_context(_tenant_id(database, code), "operator")) as session:
        if aggregate is not None:
            row = replay_parked(session, aggregate)
            click.echo("没有搁置 / not parked" if row is None else f"{aggregate}: {row.status}, version {row.version}")
            return
        for row in parked_rows(session):
            click.echo(f"{row.aggregate_id}  {row.kind}  after version {row.version}: {row.reason}")


@xietong.group()
def journal() -> None:
    """导出与核验日志 / Export journals and verify them offline."""


@journal.command()
@click.option("--tenant", "code", required=True)
@click.option("--park", required=True, type=click.UUID)
@click.option("--output", type=click.Path(path_type=Path), help="file to write; default: standard output")
def export(code: str, park: UUID, output: Path | None) -> None:
    """导出园区及其协议的日志 / Write the journals of a park and its agreements."""
    settings = Settings.load()
    database = Database(settings, "app")
    aggregates = registry.evidence_of_park()
    with database.session(Context(tenant_id=_tenant_id(database, code), actor_id="xietong:export")) as session:
        document = evidence.export(session, aggregates(session, park))
    text = json.dumps(document, ensure_ascii=False, indent=1)
    if output is None:
        click.echo(text)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"已写入 / Wrote {output}")


@journal.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--platform-key", help="the platform's public key you trust (default: the one in the file)")
def verify(file: Path, platform_key: str | None) -> None:
    """离线核验 / Prove a journal offline with public keys only."""
    try:
        proven = evidence.verify(json.loads(file.read_text(encoding="utf-8")), platform_key)
    except (evidence.EvidenceError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"核验失败 / Not proven: {error}") from error
    for item in proven:
        click.echo(f"已核验 / proven  {item.kind} {item.aggregate}  {item.first}–{item.last}  {item.head}")
    if platform_key is None:
        click.echo("注意:使用了文件内的平台公钥 / Trusted the platform key in the file; pin yours with --platform-key.")


def main() -> None:
    """Run; a wrong setting ends with its sentence, not a traceback."""
    try:
        xietong(prog_name="xietong")
    except SettingsError as error:
        raise SystemExit(f"xietong: {error}") from error


if __name__ == "__main__":
    main()
