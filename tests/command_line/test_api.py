"""The command `api`: every operation, typed options, files, and refusals as a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from deploy.command_line import keeping
from deploy.command_line.api import Operations, api
from deploy.command_line.keeping import KeptLogin
from deploy.command_line.me import me
from services import registry
from tests.builders.cell import Cell

PDF = b"%PDF-1.4 a plan"
Line = Callable[..., Result]


@pytest.fixture
def role() -> str:
    return "official"


@pytest.fixture
def line(cell: Cell, sichuan: UUID, role: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """A terminal at which Sichuan's official is signed in, or somebody with another role."""
    login = KeptLogin("http://xietong.test", "platform.cli", cell.token(sichuan, role), None, float("inf"))
    monkeypatch.setattr(keeping, "kept", lambda: login)
    monkeypatch.setattr(keeping, "address", lambda: login.address)
    with httpx.Client(transport=httpx.WSGITransport(app=cell.app)) as client:
        monkeypatch.setattr(httpx, "request", client.request)
        monkeypatch.setattr(httpx, "post", client.post)
        monkeypatch.setattr(httpx, "get", client.get)
        yield lambda *words: CliRunner().invoke(api, list(words))


def test_every_operation_of_the_platform_has_a_command_that_says_how_to_call_it() -> None:
    declared = [route for routes in registry.load() for route in routes.declared]
    assert isinstance(api, Operations)
    assert len(api.routes) == len(declared) > 190
    for name in api.list_commands(click.Context(api)):
        said = CliRunner().invoke(api, [name, "--help"])
        assert said.exit_code == 0, (name, said.output)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--kind", "palace", "'joint', 'enclave', 'cooperation'"), ("--parties", "[{", "JSON")],
)
def test_a_wrong_value_is_named_before_anything_is_sent(line: Line, option: str, value: str, said: str) -> None:
    given = {"--kind": "joint", "--parties": "[]", "--name-zh": "园区", option: value}
    done = line("create-park", *(word for pair in given.items() for word in pair))
    assert (done.exit_code != 0, said in done.output) == (True, True), done.output


def test_what_is_required_and_missing_is_named_at_once(line: Line) -> None:
    done = line("create-park", "--name-zh", "园区")
    assert (done.exit_code, "--kind, --parties" in done.output) == (2, True), done.output


def test_a_refusal_is_a_sentence_in_both_languages_that_names_every_fault(line: Line) -> None:
    done = line("create-park", "--name-zh", "", "--kind", "joint", "--parties", "[]", "--starts-on", "soon")
    assert done.exit_code == 1
    told = done.stderr
    assert "Traceback" not in told
    assert "/name_zh: " in told
    assert "/starts_on: " in told
    assert "请" in told
    assert "orrect" in told
    assert json.loads(done.stdout)["code"] == "invalid"


def test_a_file_goes_up_and_comes_down_again(line: Line, tmp_path: Path) -> None:
    plan, copy = tmp_path / "plan.pdf", tmp_path / "copy.pdf"
    plan.write_bytes(PDF + uuid4().bytes)
    up = line("upload-file", "--file", str(plan))
    assert up.exit_code == 0, up.output
    told: dict[str, Any] = json.loads(up.stdout)
    assert told["media_type"] == "application/pdf"
    down = partial(line, "download-file", told["sha256"])
    assert down("--output", str(copy)).exit_code == 0
    assert copy.read_bytes() == plan.read_bytes() == down().stdout_bytes
    assert line("delete-file", told["sha256"]).exit_code == 0
    assert down().exit_code == 1


def test_a_field_of_a_body_that_is_called_file_is_no_file(line: Line) -> None:
    done = line("create-import", "--file", "ab" * 32, "--media-type", "text/csv")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output


@pytest.mark.parametrize("role", ["system_administrator"])
def test_a_file_that_a_body_names_by_its_path_is_uploaded_first(line: Line, tmp_path: Path) -> None:
    table = tmp_path / "2027 放假.csv"
    table.write_text("日期,休/班,名称\n2027-01-01,休,元旦\n", "utf-8")
    done = line("import-calendar", "--file", str(table), "--year", "2027", "--notice", "虚构")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["days"] == [{"day": "2027-01-01", "is_working": False, "name_zh": "元旦"}]
    table.write_text("日期,休/班,名称\n2027-01-01,也许,元旦\n", "utf-8")
    wrong = line("import-calendar", "--file", str(table), "--year", "2027")
    assert (wrong.exit_code, "Row 2, is_working (B2)" in wrong.stderr) == (1, True), wrong.output
    none = line("import-calendar", "--file", str(tmp_path / "none.csv"), "--year", "2027")
    assert (none.exit_code, "none.csv" in none.stderr, "Traceback" in none.output) == (1, True, False)


def test_who_is_signed_in_is_told_with_roles_and_rights(line: Line) -> None:
    assert line("show-me").exit_code == 0
    done = CliRunner().invoke(me, [])
    assert done.exit_code == 0, done.output
    assert "辖区 / Tenant: " in done.output
    assert re.search(r"parks:write +起草和修改园区、提出协议 / Draft and revise parks", done.output)
