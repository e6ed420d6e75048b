"""The audit log as the audit administrator reads and exports it."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest

from events.canonical import instant
from services.identity.models import FormerName
from shared.core.context import PLATFORM
from shared.evidence.audit import AuditInbox
from shared.evidence.audit_file import verify
from shared.evidence.journal_file import EvidenceError
from shared.rules.acts import ACTS
from tests.builders.administration import active_user, auditor, client_draft, invited_user, records, system, user_draft
from tests.builders.cell import Cell
from tests.organisations.builders import registered


def test_records_say_who_did_what_to_whom_and_from_where(cell: Cell, sichuan: UUID) -> None:
    made = invited_user(cell, sichuan)
    record = records(cell, sichuan)[0]
    assert (record["act"], record["outcome"], record["actor"]) == ("identity.user.invited", "done", "system-1")
    assert (record["subject"], record["address"]) == (made["id"], "127.0.0.1")
    assert not {"李伟", made["login"], made["email"]} & set(json.dumps(record, ensure_ascii=False).split('"'))


def test_the_log_is_filtered_and_paged(cell: Cell, sichuan: UUID) -> None:
    users = [invited_user(cell, sichuan)["id"] for _ in range(3)]
    system(cell, sichuan).post("/v1/users", user_draft(roles=["emperor"]))
    cell.clock.advance(timedelta(hours=1))
    later = instant(cell.clock.now())
    system(cell, sichuan).post("/v1/clients", client_draft())
    assert [item["subject"] for item in records(cell, sichuan, act="identity.user.invited", outcome="done")] == users[
        ::-1
    ]
    assert [item["reason"] for item in records(cell, sichuan, outcome="refused")] == ["role_unknown"]
    assert [item["act"] for item in records(cell, sichuan, **{"from": later})] == ["identity.client.registered"]
    assert len(records(cell, sichuan, until=later)) == 4
    assert len(records(cell, sichuan, subject=users[0])) == 1
    assert records(cell, sichuan, actor="nobody") == []
    seen, url = [], "/v1/audit?limit=2"
    while url:
        answer = auditor(cell, sichuan).get(url)
        seen += [item["position"] for item in answer.json["items"]]
        url = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == [5, 4, 3, 2, 1]
    assert auditor(cell, sichuan).get("/v1/audit?cursor=WzFd0").json["code"] == "cursor_invalid"


def test_an_export_verifies_offline_and_is_itself_written_down(cell: Cell, sichuan: UUID) -> None:
    for _ in range(3):
        invited_user(cell, sichuan)
    records(cell, sichuan)
    made = auditor(cell, sichuan).get("/v1/audit/export")
    assert made.status_code == 200, made.json
    assert verify(made.json, cell.settings.platform_key) == (1, 3)
    part = auditor(cell, sichuan).get("/v1/audit/export?first=2&most=1").json
    assert verify(part, cell.settings.platform_key) == (2, 2)
    forged = made.json
    forged["records"][1]["entry"]["actor"] = "somebody-else"
    with pytest.raises(EvidenceError):
        verify(forged, cell.settings.platform_key)
    log = records(cell, sichuan)
    assert [(item["act"], item["actor"]) for item in log[:2]] == [("audit.log.exported", "audit-1")] * 2
    assert log[0]["after"] == {"first": 2, "records": 1}


def test_reading_writes_nothing(cell: Cell, sichuan: UUID) -> None:
    invited_user(cell, sichuan)
    before = len(records(cell, sichuan))
    for url in ("/v1/audit", "/v1/audit/acts"):
        assert auditor(cell, sichuan).get(url).status_code == 200
    with cell.session(sichuan) as session:
        assert session.query(AuditInbox).count() == 0
    assert len(records(cell, sichuan)) == before


def test_what_the_log_can_say_is_a_closed_catalogue(cell: Cell, sichuan: UUID) -> None:
    seen, url = [], "/v1/audit/acts?limit=50"
    while url:
        answer = auditor(cell, sichuan).get(url)
        seen += [item["name"] for item in answer.json["items"]]
        url = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == sorted(ACTS)


def test_the_log_is_the_audit_administrators_alone(cell: Cell, sichuan: UUID) -> None:
    for role in ("system_administrator", "security_administrator", "official", "observer"):
        for url in ("/v1/audit", "/v1/audit/export", "/v1/audit/acts"):
            assert cell.client(sichuan, role).get(url).json["code"] == "scope_missing"
    assert auditor(cell, sichuan).post("/v1/users", user_draft()).json["code"] == "scope_missing"


def test_a_record_names_who_acted_as_he_was_called_then_until_he_is_erased(cell: Cell, sichuan: UUID) -> None:
    clerk = active_user(cell, sichuan, name="王芳")["id"]
    acting = cell.client(sichuan, "system_administrator", subject=clerk)
    acting.post("/v1/clients", client_draft())
    cell.clock.advance(timedelta(hours=1))
    assert system(cell, sichuan).patch(f"/v1/users/{clerk}", {"name": "王方"}).status_code == 200
    cell.clock.advance(timedelta(hours=1))
    acting.post("/v1/clients", client_draft())

    def told() -> list[str]:
        return [item["actor_name"]["zh"] for item in records(cell, sichuan, act="identity.client.registered")]

    assert told() == ["王方", "王芳"]
    held = system(cell, sichuan).post(f"/v1/users/{clerk}/export").json["person"]
    assert [item["name"] for item in held["former_names"]] == ["王芳"]
    for action in ("deactivate", "erase"):
        assert system(cell, sichuan).post(f"/v1/users/{clerk}/{action}").status_code == 200
    assert told() == ["已注销账号", "已注销账号"]
    with cell.session(sichuan) as session:
        assert session.query(FormerName).count() == 0


def test_a_record_says_what_was_before_and_what_is_now(cell: Cell, sichuan: UUID) -> None:
    user = active_user(cell, sichuan)["id"]
    for action in ("lock", "unlock", "deactivate"):
        assert system(cell, sichuan).post(f"/v1/users/{user}/{action}").status_code == 200
    moved = [(item["before"], item["after"]) for item in records(cell, sichuan, subject=user)[:3]]
    assert moved == [
        ({"state": "active"}, {"state": "deactivated"}),
        ({"state": "locked"}, {"state": "active"}),
        ({"state": "active"}, {"state": "locked"}),
    ]
    platform = cell.client(PLATFORM, "system_administrator")
    assert platform.patch(f"/v1/tenants/{sichuan}", {"name_en": "Szechwan"}).status_code == 200
    [record] = records(cell, PLATFORM, subject=str(sichuan), act="tenants.tenant.revised")
    assert (record["before"]["name_en"], record["after"]["name_en"]) == ("sichuan", "Szechwan")
    assert record["after"]["changed"] == ["name_en"]
    assert record["title"] == {"zh": "修改辖区", "en": "Tenant revised"}


def test_a_record_about_a_thing_names_it_to_the_auditor_who_may_not_read_it(cell: Cell, sichuan: UUID) -> None:
    made = registered(cell.client(sichuan))
    records(cell, sichuan)
    answer = auditor(cell, sichuan).get("/v1/audit", query_string={"subject": made["id"]}).json
    assert answer["names"][made["id"]]["zh"] == made["name_zh"]
