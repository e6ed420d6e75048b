"""Files that somebody hands over as evidence: of whatever they are made, they are proven or said to be none."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import click
import pytest
from click.testing import CliRunner

from deploy.command_line import keeping
from deploy.command_line.operating import audit, journal
from deploy.command_line.options import json_value
from shared.evidence import audit_file, journal_file
from tests.builders.cell import Cell
from tests.builders.officials import drafted

NO_EVIDENCE = (
    b"", b"{", b"[" * 100_000, b"\xff", b"null", b"[]", b"{}", b"9" * 5000, b'{"format":"xietong.journal.v1"}',
    b'{"format":"xietong.audit-log.v1","platform_key":"\\u0000"}', b'{"format":"xietong.journal.v1","platform_key":1}',
    b'{"format":"xietong.journal.v1","platform_key":"","directory":[],"journals":[]}', b'{"format":1,"format":2}',
    b'{"format":"xietong.journal.v1","platform_key":"","directory":[{"entry":1}],"journals":[]}',
)  # fmt: skip


@pytest.mark.parametrize("content", NO_EVIDENCE, ids=range(len(NO_EVIDENCE)))
@pytest.mark.parametrize("kind", [journal, audit])
def test_a_file_of_anything_is_not_proven(tmp_path: Path, kind: click.Command, content: bytes) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(content)
    told = CliRunner().invoke(kind, ["verify", str(file)])
    assert (told.exit_code, type(told.exception)) == (1, SystemExit)
    assert "Not proven" in told.output


def _places(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_places, inner))


def _with(value: object, at: int, odd: object) -> object:
    """The value with `odd` in the place of its part number `at`, counted in depth."""
    if at == 0:
        return odd
    at -= 1
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, inner in pairs:
        size = _places(inner)
        if at < size:
            changed = dict(pairs) | {key: _with(inner, at, odd)}
            return changed if isinstance(value, dict) else list(changed.values())
        at -= size
    return value


@pytest.mark.parametrize("odd", [None, 10**300, {}, [], "2026-01-01T00:00:00", "川"], ids=str)
def test_an_export_with_any_part_exchanged_is_proven_or_refused(
    cell: Cell, sichuan: UUID, chongqing: UUID, odd: object
) -> None:
    key = UUID(drafted(cell, sichuan, chongqing).rpartition("/")[2])
    with cell.session(sichuan) as session:
        whole = journal_file.export(session, [key])
    known = (str(sichuan), str(chongqing))
    whole["directory"] = [item for item in whole["directory"] if item["entry"]["aggregate"] in known]
    assert journal_file.verify(whole)
    proven = 0
    for at in range(_places(whole)):
        # Nothing else is raised.
        with suppress(journal_file.EvidenceError):
            proven += bool(journal_file.verify(_with(json.loads(json.dumps(whole)), at, odd)))  # type: ignore[arg-type]
    assert proven < _places(whole) / 2
    with pytest.raises(journal_file.EvidenceError):
        audit_file.verify(whole)


@pytest.mark.parametrize("given", ["[" * 5000, '{"a":1,"a":2}', b"\xff", '"\\ud800"', "1e999", ""])
def test_json_given_to_the_command_line_is_refused_with_a_sentence(given: bytes | str) -> None:
    with pytest.raises(click.ClickException, match="JSON"):
        json_value(given)


@pytest.mark.parametrize("kept", [b"", b"[", b"{}", b"[1]", b'{"address":1,"x":2}'])
def test_a_damaged_login_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bytes) -> None:
    monkeypatch.setenv("XIETONG_CLI_FILE", str(tmp_path / "login.json"))
    keeping.file().write_bytes(kept)
    with pytest.raises(click.ClickException, match="sign in again"):
        keeping.kept()
