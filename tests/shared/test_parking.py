"""What cannot be applied waits alone, with its reason, and replays in order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from services.identity.domain.roles import BUILT_IN
from shared.core.context import machine_context
from shared.journal.progress import ProgressRow
from shared.replication.parking import replay
from shared.replication.progress import HeldRow
from shared.replication.receipts import ReceiptRow
from tests.builders.cell import Cell, Client
from tests.builders.officials import drafted
from tests.builders.poison import Poison, poisoned, revise

ADMINISTRATOR = "system_administrator"


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Poison:
    return poisoned(monkeypatch)


def test_poison_parks_its_aggregate_and_nothing_else(
    cell: Cell, sichuan: UUID, chongqing: UUID, poison: Poison
) -> None:
    bad, good = drafted(cell, sichuan, chongqing), drafted(cell, sichuan, chongqing)
    poison.tenant, poison.aggregate = chongqing, bad.split("/")[-1]
    for url in (bad, good):
        revise(cell, sichuan, url, 2)
    cell.carry()
    client = cell.client(chongqing)
    assert (client.get(bad).headers["ETag"], client.get(good).headers["ETag"]) == ('"1.1"', '"1.3"')
    with cell.session(chongqing) as session:
        parked = select(ProgressRow.aggregate_id, ProgressRow.reason).where(ProgressRow.status == "parked")
        assert session.execute(parked).all() == [(UUID(poison.aggregate), "ZeroDivisionError('poison')")]
    with cell.session(sichuan) as session:
        told = session.get_one(ReceiptRow, (sichuan, UUID(poison.aggregate), chongqing))
        assert (told.status, told.version) == ("parked", 1)


def test_a_parked_aggregate_replays_in_order(cell: Cell, sichuan: UUID, chongqing: UUID, poison: Poison) -> None:
    url = poison.park(cell, sichuan, chongqing)
    key, poison.aggregate = UUID(poison.aggregate), ""
    with cell.worker_database.session(machine_context(chongqing)) as session:
        replay(session, key)
    cell.carry()
    # Nobody brings it just now: the timers take it in when it has been due for two seconds.
    cell.clock.advance(timedelta(seconds=3))
    cell.run_timers()
    assert poison.seen == [2, 3, 4]
    assert cell.client(chongqing).get(url).headers["ETag"] == '"1.4"'
    with cell.session(chongqing) as session:
        assert session.scalar(select(ProgressRow.status).where(ProgressRow.aggregate_id == key)) == "in_step"


def waiting(client: Client, **query: str) -> list[dict[str, Any]]:
    answer = client.get("/v1/waiting", query_string=query)
    assert answer.status_code == 200, answer.json
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def queue_of(cell: Cell, tenant: UUID) -> int:
    with cell.session(tenant) as session:
        return session.scalar(select(func.count()).select_from(HeldRow)) or 0


def test_an_administrator_sees_what_waits_why_and_what_to_do_and_replays_it(
    cell: Cell, sichuan: UUID, chongqing: UUID, poison: Poison
) -> None:
    url = poison.park(cell, sichuan, chongqing)
    key, admin = poison.aggregate, cell.client(chongqing, f"official+{ADMINISTRATOR}")
    (row,) = waiting(admin, kind="parked")
    assert (row["id"], row["thing"], row["home"], row["allowed_actions"]) == (key, key, str(sichuan), ["replay"])
    assert row["cause"]["zh"] == "第 2 版无法应用:ZeroDivisionError('poison')"
    assert "重放" in row["advice"]["zh"]
    names = admin.get(f"/v1/waiting/{key}").json["names"]
    assert (names[key]["kind"], names[str(sichuan)]["zh"]) == ("park", "sichuan")
    assert names[key]["zh"] == admin.get(url).json["name_zh"]
    counts = {one["kind"]: one["count"] for one in admin.get("/v1/waiting/kinds?limit=100").json["items"]}
    assert (counts["parked"], counts["timer"]) == (1, 0)
    queued = queue_of(cell, chongqing)
    refused = admin.post(f"/v1/waiting/{key}/replay")
    assert (refused.status_code, refused.json["code"]) == (409, "replay_failed")
    assert "poison" in refused.json["message"]["en"]
    assert (queue_of(cell, chongqing), waiting(admin, kind="parked")) == (queued, [row])
    poison.aggregate = ""
    mended = admin.post(f"/v1/waiting/{key}/replay")
    assert (mended.status_code, mended.json["kind"], mended.json["allowed_actions"]) == (200, None, []), mended.json
    assert (admin.get(url).headers["ETag"], queue_of(cell, chongqing)) == ('"1.4"', 0)
    again = admin.post(f"/v1/waiting/{key}/replay")
    assert (again.status_code, again.json["code"]) == (409, "not_parked")
    cell.carry()
    cell.clock.advance(timedelta(seconds=3))
    cell.run_timers()
    assert poison.seen == [2, 3, 4]
    cell.sweep(chongqing)
    auditor = cell.client(chongqing, "audit_administrator")
    told = auditor.get("/v1/audit?act=operator.parked.replayed").json["items"]
    assert sorted((one["outcome"], one["reason"]) for one in told) == [
        ("done", None), ("refused", "not_parked"), ("refused", "replay_failed"),
    ]  # fmt: skip


def test_only_administrators_of_the_tenant_itself_see_and_replay_what_is_parked(
    cell: Cell, sichuan: UUID, chongqing: UUID, poison: Poison
) -> None:
    poison.park(cell, sichuan, chongqing)
    there = f"/v1/waiting/{poison.aggregate}"
    for role in BUILT_IN.keys() - {ADMINISTRATOR, "platform_operator"}:
        client = cell.client(chongqing, role)
        answers = client.get("/v1/waiting"), client.get(there), client.post(f"{there}/replay")
        assert {answer.status_code for answer in answers} == {403}, role
    foreign = cell.client(sichuan, ADMINISTRATOR)
    assert waiting(foreign, kind="parked") == []
    # Home is in step with its own park; what the other tenant has parked it cannot replay.
    assert (foreign.get(there).json["kind"], foreign.post(f"{there}/replay").status_code) == (None, 409)
    assert cell.client(cell.tenant("third"), ADMINISTRATOR).get(there).status_code == 404
    assert foreign.post(f"/v1/waiting/{uuid4()}/replay").status_code == 404
    assert len(waiting(cell.client(chongqing, ADMINISTRATOR), kind="parked")) == 1
