"""The command `login`: whoever signs in by code may do what their roles allow."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from uuid import UUID

import click
import httpx
import pytest
from click.testing import CliRunner

from deploy.command_line import login
from tests.builders.cell import Cell
from tests.builders.identity import sign_in
from tests.builders.oauth import command_line, official
from tests.identity.test_protocol import claims_of
from tests.identity.test_protocol_endpoints import let_in


def test_whoever_enters_the_code_may_do_what_their_roles_allow_and_stays_signed_in(
    cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser, told = cell.app.test_client(), list[str]()
    sign_in(browser, official(cell, sichuan))
    monkeypatch.setenv("XIETONG_CLI_FILE", str(tmp_path / "login.json"))
    monkeypatch.setattr(login, "CLIENT", command_line(cell).client_id)
    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=httpx.WSGITransport(app=cell.app)))
    monkeypatch.setattr(click, "echo", told.append)
    monkeypatch.setattr(login.time, "sleep", lambda _seconds: let_in(browser, told[1].split()[-1]))
    done = CliRunner().invoke(login.login, ["--address", "http://xietong.test"])
    assert done.exit_code == 0, done.output
    kept = json.loads((tmp_path / "login.json").read_text("utf-8"))
    assert {"parks:read", "parks:write"} <= set(claims_of(kept["access"])["scope"].split())
    assert kept["refresh"]
