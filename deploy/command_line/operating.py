"""The commands of a cell's operator: first invitations, what is parked, journals and the audit log."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TextIO
from uuid import UUID

import click
from marshmallow import ValidationError
from sqlalchemy import select

from services import registry
from services.identity.commands import accounts
from services.identity.domain.acts import USER_INVITED
from services.identity.schemas.users import UserDraft
from shared.commands.validation import faults_of
from shared.core.context import PLATFORM, Context, machine_context
from shared.core.errors import NotFoundError
from shared.core.settings import Settings
from shared.evidence import audit_file, journal_file
from shared.evidence.audit import note
from shared.evidence.histories import evidence_of
from shared.http.fields.references import ID
from shared.http.names import AUDIT, names_of
from shared.journal.session import Database, Session
from shared.keys.addressing import addressed
from shared.keys.directory import DirectoryRow
from shared.messaging import waiting
from shared.messaging.waiting_kinds import KINDS
from shared.replication.parking import replay as replay_parked
from shared.replication.resync import ask_for_all
from shared.rules.acts import ALL_ASKED_FOR, JOURNAL_EXPORTED, PARKED_REPLAYED


def _tenant_id(database: Database, called: str) -> UUID:
    """By id or code."""
    tenant = addressed(called)
    with database.cell_session() as session:
        if tenant is None or database.directory.listing(session, tenant) is None:
            known = ", ".join(session.scalars(select(DirectoryRow.code).order_by(DirectoryRow.code)))
            raise click.ClickException(f"没有辖区 / There is no tenant {called}. Known: platform, {known}")
    return tenant


@click.command()
@click.option("--tenant", "code", required=True, help="sichuan, chongqing, … or platform")
@click.option("--login", required=True, help="the part before the @")
@click.option("--role", "roles", required=True, multiple=True, help="may be given several times")
@click.option("--name", required=True)
@click.option("--email", required=True)
def invite(code: str, login: str, roles: tuple[str, ...], name: str, email: str) -> None:
    """邀请首位管理员 / Invite somebody as this cell's operator: how a tenant gets its first administrators."""
    settings = Settings.load()
    registry.load()
    wanted = {"login": login, "name": name, "email": email, "roles": list(roles)}
    try:
        wanted = UserDraft().load(wanted)
    except ValidationError as error:
        faults = [f"{fault.pointer}: {fault.zh} / {fault.en}" for fault in faults_of(error)]
        raise click.ClickException("请更正 / Correct: " + "; ".join(faults)) from error
    with (
        closing(Database(settings, "app")) as database,
        database.session(machine_context(_tenant_id(database, code), "operator")) as session,
    ):
        invited = accounts.invite(session, **{name: wanted[name] for name in ("login", "name", "email", "roles")})
        note(session, USER_INVITED, subject=str(invited.membership.user_id), after={"roles": list(roles)})
    click.echo(f"请转交一次性链接 / Hand over this link, good once: {settings.issuer}/invitation/{invited.token}")


@click.command()
@click.option("--tenant", "code", help="one tenant alone; default: the whole cell")
@click.option("--replay", "aggregate", type=click.UUID, help="apply what queued behind this aggregate of --tenant")
def parked(code: str | None, aggregate: UUID | None) -> None:
    """列出一切停滞的事项,或重放搁置的事项 / List all that does not flow and what to do, or replay what is parked."""
    settings = Settings.load()
    registry.load()
    with closing(Database(settings, "worker")) as database:
        if aggregate is None:
            _show_waiting(database, code)
        elif code is None:
            raise click.UsageError("--replay 须与 --tenant 同用 / Say with --tenant whose aggregate it is")
        else:
            tenant = _tenant_id(database, code)
            with database.session(_operator(tenant)) as session:
                row = replay_parked(session, aggregate)
                note(
                    session,
                    PARKED_REPLAYED,
                    subject=str(aggregate),
                    after=None if row is None else {"status": row.status},
                )
                called = _called(session, str(aggregate))
                click.echo("没有搁置 / not parked" if row is None else f"{called}: {row.status}, version {row.version}")


@click.command()
@click.option("--tenant", "code", required=True, help="whose rows were lost, or restored from a backup")
def rebuild(code: str) -> None:
    """请各主办方重新发送 / Ask every home to tell a tenant all again; what it still knows stays as it is."""
    settings = Settings.load()
    registry.load()
    with closing(Database(settings, "worker")) as database:
        tenant = _tenant_id(database, code)
        with database.session(_operator(tenant)) as session:
            asked = ask_for_all(session)
            note(session, ALL_ASKED_FOR, subject=str(tenant), after={"homes": asked})
    click.echo(
        f"已请 {asked} 个辖区重新发送 / {asked} tenants were asked; see how it goes: xietong parked --tenant {code}"
    )


def _operator(tenant: UUID) -> Context:
    """Whoever works on the server may know what a tenant's own records are about."""
    return replace(machine_context(tenant, "operator"), scopes=frozenset({AUDIT}))


def _called(session: Session, text: str) -> str:
    """The text with the name of each thing and tenant before its id."""
    names = names_of(session, ID.findall(text))
    known = {key: f"{name['zh']} {name['en']} ({key})" for key, name in names.items()}
    return ID.sub(lambda found: known.get(found[0], found[0]), text)


def _show_waiting(database: Database, code: str | None) -> None:
    with database.cell_session() as session:
        codes = {row.id: row.code for row in session.execute(select(DirectoryRow.id, DirectoryRow.code))}
        asked = waiting.tenants_of_cell(session, database.settings.cell) if code is None else []
        found = [("-", one, one.subject, one.reason) for one in waiting.items_of_cell(session)] if code is None else []
    for tenant in [*asked, PLATFORM] if code is None else [_tenant_id(database, code)]:
        with database.session(_operator(tenant)) as session:
            found += [
                (codes.get(tenant, "platform"), one, _called(session, one.subject), _called(session, one.reason))
                for one in waiting.items_of_tenant(session)
            ]
    for name, kind in KINDS.items():
        items = sorted((one for one in found if one[1].kind == name), key=lambda one: one[1].since)
        if items:
            click.echo(f"{kind.zh} / {kind.en}\n  → {kind.do_zh} / {kind.do_en}")
        for owner, item, subject, reason in items:
            click.echo(f"  {owner}  {subject}  {item.since:%Y-%m-%d %H:%M:%S}Z  {reason[:300]}")
    if not found:
        click.echo("一切畅通 / Everything flows")


@click.group()
def audit() -> None:
    """审计日志 / The audit log."""


@audit.command(name="verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--platform-key",
    envvar="XIETONG_PLATFORM_KEY",
    show_envvar=True,
    help="the platform's public key you trust (default: the one in the file)",
)
def verify_audit(file: Path, platform_key: str | None) -> None:
    """离线核验导出的审计日志 / Prove an exported audit log offline (export: `xietong api export-audit-records`)."""
    try:
        first, last = audit_file.verify(journal_file.opened(file), platform_key)
    except journal_file.EvidenceError as error:
        raise click.ClickException(f"核验失败 / Not proven: {error}") from error
    click.echo(f"已核验 / proven: {first}–{last}")


@click.group()
def journal() -> None:
    """导出与核验日志 / Export journals and verify them offline."""


@journal.command()
@click.option("--tenant", "code", required=True)
@click.option("--aggregate", required=True, type=click.UUID, help="a park, an agreement, …")
@click.option("--output", type=click.Path(path_type=Path), help="file to write; default: standard output")
def export(code: str, aggregate: UUID, output: Path | None) -> None:
    """导出事项及其组成部分的日志 / Write the journals of a thing and its parts, such as a park and its agreements."""
    settings = Settings.load()
    registry.load()
    with closing(Database(settings, "app")) as database:
        tenant = _tenant_id(database, code)
        if output is None:
            _export(database, tenant, aggregate=aggregate, out=sys.stdout)
            return
        with output.open("w", encoding="utf-8") as out:
            _export(database, tenant, aggregate=aggregate, out=out)
    click.echo(f"已写入 / Wrote {output}")


def _export(database: Database, tenant: UUID, *, aggregate: UUID, out: TextIO) -> None:
    with database.session(Context(tenant_id=tenant, actor_id="xietong:export")) as session:
        try:
            aggregates = evidence_of(session, aggregate)
        except NotFoundError as error:
            raise click.ClickException(f"{error.zh} / {error.en}") from error
        out.writelines(journal_file.pieces(session, aggregates))
        note(session, JOURNAL_EXPORTED, subject=str(aggregate))


@journal.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--platform-key",
    envvar="XIETONG_PLATFORM_KEY",
    show_envvar=True,
    help="the platform's public key you trust (default: the one in the file)",
)
def verify(file: Path, platform_key: str | None) -> None:
    """离线核验 / Prove a journal offline with public keys only."""
    try:
        proven = journal_file.verify(journal_file.opened(file), platform_key)
    except journal_file.EvidenceError as error:
        raise click.ClickException(f"核验失败 / Not proven: {error}") from error
    for item in proven:
        click.echo(f"已核验 / proven  {item.kind} {item.name} {item.aggregate}  {item.first}–{item.last}  {item.head}")
    if platform_key is None:
        click.echo("注意:使用了文件内的平台公钥 / Trusted the platform key in the file; pin yours with --platform-key.")
