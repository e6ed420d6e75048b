"""Tenants: created by the platform, keyed by their cell, listed for everybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from shared.context import PLATFORM
from shared.keys import SigningKey
from tests.builders.cell import Cell


def test_a_new_tenant_gets_its_first_key_from_its_own_cell(cell: Cell) -> None:
    key = cell.tenant("sichuan")
    listed = cell.client(key).get(f"/v1/tenants/{key}").json
    with cell.session(key) as session:
        row = session.query(SigningKey).one()
    assert listed["keys"][0]["key"] == row.key
    assert row.active_at is not None


def test_a_suspended_tenant_is_answered_403_at_once(cell: Cell, sichuan: UUID) -> None:
    platform = cell.client(PLATFORM, "system_administrator")
    assert platform.post(f"/v1/tenants/{sichuan}/suspend", {"reason": "test"}).status_code == 200
    cell.carry()
    answer = cell.client(sichuan).get("/v1/tenants")
    assert (answer.status_code, answer.json["code"]) == (403, "tenant_not_active")
    assert platform.post(f"/v1/tenants/{sichuan}/reactivate").status_code == 200
    cell.carry()
    assert cell.client(sichuan).get("/v1/tenants").status_code == 200


def test_members_of_a_region_exist_belong_to_their_tenant_and_stand_once_at_a_time(cell: Cell) -> None:
    platform = cell.client(PLATFORM, "system_administrator")
    codes = {name: f"{name}-{uuid4().hex[:8]}" for name in ("hunan", "circle")}
    cell.tenant(code=codes["hunan"], division_codes=["430000"])
    draft = {"code": codes["circle"], "name_zh": "毗邻地区", "name_en": "Border Area", "kind": "region"}

    def answer(*members: dict[str, Any]) -> Any:
        listed = [{"tenant": codes["hunan"], "division": "431200", **member} for member in members]
        return platform.post("/v1/tenants", {**draft, "members": listed})

    for member, pointer in (
        ({"tenant": "nowhere"}, "/members/0/tenant"),
        ({"division": "500114"}, "/members/0/division"),
        ({"division": "999999"}, "/members/0/division"),
    ):
        refused = answer(member)
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)
    twice = answer({"until": "2026-01-01"}, {"since": "2025-12-31"})
    assert (twice.status_code, twice.json["errors"][0]["pointer"]) == (422, "/members/1/division")
    made = answer({"until": "2026-01-01"}, {"since": "2026-01-01"}, {"division": "433100"})
    assert (made.status_code, len(made.json["members"])) == (201, 3)
    changed = platform.patch(
        f"/v1/tenants/{made.json['id']}", {"members": [{"tenant": "nowhere", "division": "431200"}]}
    )
    assert changed.status_code == 422


def test_a_division_stands_once_in_a_tenant(cell: Cell) -> None:
    draft = {"code": f"t-{uuid4().hex[:8]}", "name_zh": "四川", "name_en": "Sichuan", "kind": "province"}
    answer = cell.client(PLATFORM, "system_administrator").post(
        "/v1/tenants", {**draft, "division_codes": ["510000", "510000"]}
    )
    assert (answer.status_code, answer.json["code"]) == (422, "division_twice")
    assert answer.json["errors"][0]["pointer"] == "/division_codes/1"
