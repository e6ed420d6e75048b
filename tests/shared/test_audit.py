"""The audit log: closed catalogue, one unbroken chain a tenant, and nobody may change it."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import ProgrammingError

from services.identity.commands.revocations import revoke
from shared.core.context import PLATFORM
from shared.evidence import audit_file
from shared.evidence.audit import AuditInbox, AuditRow, note, sequence
from shared.evidence.journal_file import EvidenceError
from shared.rules import acts
from tests.builders.cell import Cell

TRIED = acts.Act("tests.thing.tried", "试验", "Tried")


def write(cell: Cell, tenant: UUID, number: int) -> None:
    with cell.session(tenant) as session:
        note(session, TRIED, subject=str(number))


def sequenced(cell: Cell, tenant: UUID) -> int:
    with cell.worker_database.session(cell.context(tenant)) as session:
        return sequence(session)


def log(cell: Cell, tenant: UUID) -> list[AuditRow]:
    with cell.session(tenant) as session:
        return list(session.scalars(select(AuditRow).order_by(AuditRow.position)))


def exported(cell: Cell, tenant: UUID) -> dict[str, Any]:
    with cell.session(tenant) as session:
        document: dict[str, Any] = json.loads(json.dumps(audit_file.export(session, first=1, most=1000)))
    return document


def test_writers_at_once_end_in_one_gapless_chain_that_verifies_offline(cell: Cell, sichuan: UUID) -> None:
    with ThreadPoolExecutor(8) as pool:
        writing = [pool.submit(write, cell, sichuan, number) for number in range(80)]
        while not all(item.done() for item in writing):
            sequenced(cell, sichuan)
    [item.result() for item in writing]
    while sequenced(cell, sichuan):
        pass
    rows = log(cell, sichuan)
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert {row.subject for row in rows if row.act == TRIED.name} == {str(number) for number in range(80)}
    assert audit_file.verify(exported(cell, sichuan), cell.settings.platform_key) == (1, len(rows))


def change_reason(document: dict[str, Any]) -> None:
    document["records"][1]["entry"]["reason"] = "another"


def drop_one(document: dict[str, Any]) -> None:
    del document["records"][1]


def swap_two(document: dict[str, Any]) -> None:
    document["records"][0], document["records"][1] = document["records"][1], document["records"][0]


@pytest.mark.parametrize("tamper", [change_reason, drop_one, swap_two])
def test_a_log_that_was_tampered_with_does_not_verify(
    cell: Cell, sichuan: UUID, tamper: Callable[[dict[str, Any]], None]
) -> None:
    for number in range(4):
        write(cell, sichuan, number)
    sequenced(cell, sichuan)
    document = exported(cell, sichuan)
    audit_file.verify(document)
    tampered = deepcopy(document)
    tamper(tampered)
    with pytest.raises(EvidenceError):
        audit_file.verify(tampered)


@pytest.mark.parametrize(
    "statement",
    [
        delete(AuditRow),
        update(AuditRow).values(outcome="done"),
        delete(AuditInbox),
        update(AuditInbox).values(record={}),
        insert(AuditRow).values(position=10**6, act="a", outcome="done", actor_id="x", at="2026-01-01T00:00:00Z",
                                entry=b"", hash="h", key="k", signature="s"),
    ],
    ids=["delete", "update", "delete waiting", "update waiting", "insert"],
)  # fmt: skip
def test_the_application_only_adds_to_the_inbox(cell: Cell, sichuan: UUID, statement: Any) -> None:
    values = {"tenant_id": sichuan} if statement.is_insert else {}
    with pytest.raises(ProgrammingError, match="permission denied"), cell.session(sichuan) as session:
        session.execute(statement.values(**values) if values else statement)


def test_no_two_acts_have_one_name() -> None:
    with pytest.raises(ValueError, match=TRIED.name):
        acts.Act(TRIED.name, "", "")


def test_an_act_and_its_refusal_are_both_written_down(cell: Cell, sichuan: UUID) -> None:
    platform = cell.client(PLATFORM, "system_administrator")
    assert platform.post(f"/v1/tenants/{sichuan}/reactivate").status_code == 409
    assert platform.post(f"/v1/tenants/{sichuan}/suspend", {"reason": "test"}).status_code == 200
    assert platform.post(f"/v1/tenants/{sichuan}/reactivate").status_code == 200
    while sequenced(cell, PLATFORM):
        pass
    mine = [row for row in log(cell, PLATFORM) if row.subject == str(sichuan)]
    assert [(row.act, row.outcome) for row in mine][-3:] == [
        ("tenants.tenant.reactivated", "refused"),
        ("tenants.tenant.suspended", "done"),
        ("tenants.tenant.reactivated", "done"),
    ]
    refusal = json.loads(mine[-3].entry)
    assert (refusal["reason"], refusal["actor"], refusal["address"]) == (
        "action_not_allowed",
        "official-1",
        "127.0.0.1",
    )
    assert refusal["correlation"]


def test_access_without_the_scope_is_written_down(cell: Cell, sichuan: UUID) -> None:
    assert cell.client(sichuan, "observer").post("/v1/parks", {}).status_code == 403
    sequenced(cell, sichuan)
    last = log(cell, sichuan)[-1]
    assert (last.act, last.outcome, last.subject) == ("api.scope.refused", "refused", "parks:write")


def test_a_revoked_token_is_refused_at_once_and_the_refusal_is_written_down(cell: Cell, sichuan: UUID) -> None:
    token = cell.token(sichuan, subject="official-7")
    http, headers = cell.app.test_client(), {"Authorization": f"Bearer {token}"}
    assert http.get("/v1/parks", headers=headers).status_code == 200
    with cell.session(sichuan) as session:
        revoke(session, ["sub:official-7"])
    answer = http.get("/v1/parks", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (401, "token_revoked")
    sequenced(cell, sichuan)
    last = json.loads(log(cell, sichuan)[-1].entry)
    assert (last["act"], last["reason"], last["actor"]) == ("api.scope.refused", "token_revoked", "official-7")


def test_nobody_fills_the_log_with_what_they_may_not_do(cell: Cell, sichuan: UUID) -> None:
    client = cell.client(sichuan, "observer", subject="curious-1")
    assert {client.get("/v1/audit").status_code for _time in range(40)} == {403}
    sequenced(cell, sichuan)
    assert 10 <= len([row for row in log(cell, sichuan) if row.actor_id == "curious-1"]) <= 20


def test_an_upload_that_is_too_large_is_refused_before_it_is_read_and_written_down(cell: Cell, sichuan: UUID) -> None:
    headers = {"Authorization": f"Bearer {cell.token(sichuan)}"}
    told = {"CONTENT_LENGTH": str(200_000_000)}
    answer = cell.app.test_client().post("/v1/files", headers=headers, content_type="text/csv", environ_overrides=told)
    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")
    sequenced(cell, sichuan)
    last = log(cell, sichuan)[-1]
    assert (last.act, last.outcome) == ("api.file.refused", "refused")


def test_bad_tokens_are_written_down_by_the_platform_yet_not_without_bound(cell: Cell) -> None:
    while sequenced(cell, PLATFORM):
        pass
    before = len(log(cell, PLATFORM))
    http = cell.app.test_client()
    address = {"REMOTE_ADDR": "198.51.100.7"}
    for _number in range(50):
        answer = http.get("/v1/parks", headers={"Authorization": "Bearer nonsense"}, environ_base=address)
        assert answer.status_code == 401
    sequenced(cell, PLATFORM)
    added = log(cell, PLATFORM)[before:]
    assert {row.act for row in added} == {"api.token.refused"}
    assert 10 <= len(added) <= 20
