"""A paper certificate is proven offline with public keys alone, and a changed or foreign one is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from deploy.command_line.certificate import certificate
from events.canonical import canonical
from services.standards.domain.statement import MOST_BYTES, read_statement, statement, written
from shared.evidence import journal_file
from tests.builders.cell import Cell
from tests.standards.certification import accredited, issued
from tests.standards.given import code_of, given_standard


def verified(*arguments: str) -> Result:
    return CliRunner().invoke(certificate, ["verify", *arguments])


@pytest.fixture
def made(cell: Cell, sichuan: UUID) -> dict[str, Any]:
    standard = given_standard(cell, sichuan)
    return issued(cell, sichuan, accredited(cell, sichuan, standard), standard=standard)


@pytest.fixture
def paper(cell: Cell, sichuan: UUID, made: dict[str, Any], tmp_path: Path) -> Path:
    while cell.run_timers():
        pass
    file = tmp_path / "certificate.pdf"
    file.write_bytes(cell.client(sichuan).get(f"/v1/certificates/{made['id']}/pdf").data)
    return file


def keys_of(cell: Cell, tenant: UUID, folder: Path) -> str:
    told = cell.app.test_client().get(f"/v1/public/tenants/{code_of(cell, tenant)}/keys")
    assert told.status_code == 200, told.json
    file = folder / f"{tenant}.json"
    file.write_text(json.dumps(told.json), encoding="utf-8")
    return str(file)


def test_a_paper_and_its_code_are_proven_with_the_published_keys_of_its_home(
    cell: Cell, sichuan: UUID, chongqing: UUID, made: dict[str, Any], paper: Path, tmp_path: Path
) -> None:
    keys = keys_of(cell, sichuan, tmp_path)
    proven = verified(str(paper), "--keys", keys)
    assert proven.exit_code == 0, proven.output
    for wanted in (
        made["number"],
        made["holder"]["name_zh"],
        made["holder"]["code"],
        "C2110 木质家具",
        made["valid_to"],
    ):
        assert wanted in proven.output
    document, signature = read_statement(paper.read_bytes().decode("latin-1"))
    scanned = f"https://anywhere.example/c/x#{written(document, signature)}"
    assert verified(scanned, "--keys", keys).exit_code == 0
    forged = written({**document, "products": [["C2110", "别的产品"]]}, signature)
    for source, with_keys in ((forged, keys), (scanned, keys_of(cell, chongqing, tmp_path)), ("nothing", keys)):
        answer = verified(source, "--keys", with_keys)
        assert (answer.exit_code, "核验失败 / Not proven" in answer.output) == (1, True)


def test_an_exported_journal_has_the_keys_too_which_the_pinned_key_of_the_platform_proves(
    cell: Cell, sichuan: UUID, made: dict[str, Any], paper: Path, tmp_path: Path
) -> None:
    file = tmp_path / "journal.json"
    with cell.session(sichuan) as session:
        file.write_text("".join(journal_file.pieces(session, [UUID(made["id"])])), encoding="utf-8")
    pinned = cell.settings.platform_key
    assert verified(str(paper), "--keys", str(file), "--platform-key", pinned).exit_code == 0
    wrong = verified(str(paper), "--keys", str(file), "--platform-key", "A" * len(pinned))
    assert (wrong.exit_code, made["number"] in wrong.output) == (1, False)


def test_a_key_of_another_tenant_proves_nothing_about_this_ones_number(
    cell: Cell, sichuan: UUID, chongqing: UUID, paper: Path, tmp_path: Path
) -> None:
    document, _signature = read_statement(paper.read_bytes().decode("latin-1"))
    with cell.session(chongqing) as session:
        signer = session.signer
        forged = {**document, "key": signer.key}
        text = written(forged, signer.sign(forged))
    assert verified(text, "--keys", keys_of(cell, sichuan, tmp_path)).exit_code == 1
    assert verified(text, "--keys", keys_of(cell, chongqing, tmp_path)).exit_code == 1


def test_a_statement_is_short_whatever_the_paper_says() -> None:
    said = {
        "certificate": "X" * 30, "key": "k" * 16, "at": "2026-01-01T00:00:00Z", "holder": ["很长的名称" * 40, "9" * 18],
        "body": ["机构" * 100, "9" * 18], "standard": ["DB51/T 1", "DB50/T 1"], "valid": ["2026-01-01", "2029-01-01"],
    }  # fmt: skip
    made = statement(said, products=[("C2110", "木质家具" * 20)] * 50)
    assert len(canonical(made)) <= MOST_BYTES + 60
    assert len(made["products"]) + made["more"] == 50
    few = statement(
        {**said, "holder": ["家具厂", "9" * 18], "body": ["中心", "9" * 18]}, products=[("C2110", "家具")] * 2
    )
    assert (len(few["products"]), few["more"]) == (2, 0)
