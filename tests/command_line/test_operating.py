"""What operators type: settings are checked at once, invitations as the API checks them, refusals are sentences."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from deploy.__main__ import COMMANDS, GROUPS, main, xietong
from deploy.command_line.operating import invite, rebuild
from events.envelope import decode
from services.identity.models import User
from shared.core.settings import Settings, SettingsError
from shared.evidence.audit import AuditInbox
from tests.builders.cell import Cell


def test_every_command_but_the_supervisor_stands_in_one_group() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted([*grouped, "supervise"]) == sorted(COMMANDS)
    assert CliRunner().invoke(xietong, ["--version"]).output.startswith("xietong ")


def test_every_fault_of_the_settings_is_named_at_once(tmp_path: Path) -> None:
    given = {"HOME": str(tmp_path), "KAFKA": "localhost:1", "KEY_ENCRYPTION_KEY": "short", "WEB_THREADS": "many",
             "CELL_KEYS": "[]", "ISUER": "http://x"}  # fmt: skip
    with pytest.raises(SettingsError) as raised:
        Settings.load({f"XIETONG_{name}": value for name, value in given.items()})
    said = str(raised.value).splitlines()
    assert len(said) == 7
    assert "XIETONG_ISUER: remove it. Known: XIETONG_ISSUER." in said[0]
    for name in ("CELL:", "ISSUER:", "AUDIENCE:", "KEY_ENCRYPTION_KEY", "WEB_THREADS", "CELL_KEYS"):
        assert sum(f"XIETONG_{name}" in line for line in said) == 1, name


@pytest.mark.parametrize("odd", ["http://[::1", "https:", "http://xietong.example", "ftp://127.0.0.1", "nowhere"])
def test_an_issuer_that_would_carry_tokens_in_the_clear_or_is_none_is_named(odd: str, tmp_path: Path) -> None:
    given = {"XIETONG_HOME": str(tmp_path), "XIETONG_ISSUER": odd}
    with pytest.raises(SettingsError, match="XIETONG_ISSUER 应为 https"):
        Settings.load(given)


def test_new_keys_are_such_as_a_cell_takes() -> None:
    lines = CliRunner().invoke(xietong, ["keys", "new", "--cell", "cell2"]).output.splitlines()
    name, _, value = lines[0].partition("=")
    assert (name, len(base64.urlsafe_b64decode(value))) == ("XIETONG_KEY_ENCRYPTION_KEY", 32)
    assert "cell2: " in lines[1]


@pytest.mark.parametrize(("option", "wrong"), [("--login", "@"), ("--email", "nowhere"), ("--name", "")])
def test_invite_checks_as_the_api_does(cell: Cell, monkeypatch: pytest.MonkeyPatch, option: str, wrong: str) -> None:
    monkeypatch.setattr(Settings, "load", lambda: cell.settings)
    given = {"--tenant": "sichuan", "--login": "lilei", "--role": "official", "--name": "李雷",
             "--email": "lilei@example.cn", option: wrong}  # fmt: skip
    done = CliRunner().invoke(invite, [word for pair in given.items() for word in pair])
    assert (done.exit_code, f"/{option[2:]}" in done.output) == (1, True), done.output


@pytest.fixture
def tenant(cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch) -> str:
    """The code of a tenant of this cell, on whose server an operator types."""
    monkeypatch.setattr(Settings, "load", lambda: cell.settings)
    with cell.session(sichuan) as session:
        return str(session.directory.listing(session, sichuan).code)


def test_a_refusal_ends_with_its_sentence(tenant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = f"--tenant {tenant} --login lilei --role emperor --name 李雷 --email l@example.cn".split()
    monkeypatch.setattr(sys, "argv", ["xietong", "invite", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert str(ended.value.code).startswith("xietong: ")
    assert "/roles/0: " in str(ended.value.code)


def test_whoever_is_invited_gets_the_login_as_it_is_kept(cell: Cell, sichuan: UUID, tenant: str) -> None:
    words = f"--tenant {tenant} --login Wang.Min --role official --name 王敏 --email w@example.cn".split()
    assert CliRunner().invoke(invite, words).exit_code == 0
    with cell.session(sichuan) as session:
        assert session.scalars(select(User.login)).all() == ["wang.min"]


def test_an_operator_asks_every_home_to_tell_a_tenant_all_again(
    cell: Cell, sichuan: UUID, chongqing: UUID, tenant: str
) -> None:
    cell.carry()
    done = CliRunner().invoke(rebuild, ["--tenant", tenant])
    assert (done.exit_code, f"xietong parked --tenant {tenant}" in done.output) == (0, True), done.output
    asked = [decode(message.value).document for message in cell.take_unsent()]
    assert all((one["spec"], one["from"], one["all"]) == ("xietong.resync.v1", str(sichuan), True) for one in asked)
    assert str(chongqing) in {one["to"] for one in asked}
    with cell.session(sichuan) as session:
        records = [row.record for row in session.scalars(select(AuditInbox))]
    assert [one["act"] for one in records] == ["operator.replicas.asked"]
