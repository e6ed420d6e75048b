"""Tenants: created by the platform, keyed by their cell, listed for everybody."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.tenants.models import Tenant
from shared.core.context import PLATFORM
from shared.keys.keyring import SigningKey
from shared.replication.receipts import ReceiptRow
from tests.builders.cell import Cell, Client
from tests.builders.officials import park_draft
from tests.organisations.builders import draft


def test_a_new_tenant_gets_its_first_key_from_its_own_cell(cell: Cell) -> None:
    key = cell.tenant("sichuan")
    listed = cell.client(key).get(f"/v1/tenants/{key}").json
    with cell.session(key) as session:
        row = session.query(SigningKey).one()
    assert listed["keys"][0]["key"] == row.key
    assert row.active_at is not None


def test_what_came_before_a_tenant_had_its_key_is_confirmed_with_it_and_waits_for_no_head(cell: Cell) -> None:
    key = cell.tenant(code=f"hunan-{uuid4().hex[:8]}")
    with cell.session(PLATFORM) as session:
        told = session.get_one(ReceiptRow, (PLATFORM, key, key))
        assert (told.epoch, told.version) == session.one(Tenant, key).position


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


def test_a_tenant_is_addressed_by_its_code_as_by_its_id(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    code = cell.client(sichuan).get(f"/v1/tenants/{sichuan}").json["code"]
    assert cell.client(chongqing).get(f"/v1/tenants/{code.upper()}").json["id"] == str(sichuan)
    platform = cell.client(PLATFORM, "system_administrator")
    assert platform.patch(f"/v1/tenants/{code}", {"name_en": "Sichuan"}).json["name_en"] == "Sichuan"
    draft = park_draft(sichuan, chongqing)
    draft["parties"][0]["tenant"] = code
    made = cell.client(sichuan).post("/v1/parks", draft)
    assert [party["tenant"] for party in made.json["parties"]] == [str(sichuan), str(chongqing)]


def test_a_regions_member_is_kept_by_its_code_however_it_was_given(cell: Cell, sichuan: UUID) -> None:
    platform = cell.client(PLATFORM, "system_administrator")
    code = platform.get(f"/v1/tenants/{sichuan}").json["code"]
    draft = {"code": f"region-{uuid4().hex[:8]}", "name_zh": "毗邻地区", "name_en": "Border Area", "kind": "region"}
    member = {"tenant": str(sichuan), "division": "511600"}
    made = platform.post("/v1/tenants", {**draft, "members": [member]})
    assert made.json["members"][0]["tenant"] == code


def test_whoever_is_nobody_is_told_by_the_name_that_was_given(cell: Cell, sichuan: UUID) -> None:
    client = cell.client(sichuan)
    missing = client.get("/v1/tenants/nowhere-1")
    assert missing.status_code == 404
    assert "nowhere-1" in missing.json["detail"]
    refused = client.post("/v1/parks", park_draft(sichuan, uuid4()))
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/parties/1/tenant"]


def test_leaving_takes_a_reason_and_shows_its_day_and_the_timeline_tells_it(cell: Cell, sichuan: UUID) -> None:
    platform, url = cell.client(PLATFORM, "system_administrator"), f"/v1/tenants/{sichuan}"
    assert platform.post(f"{url}/announce-leaving").status_code == 422
    past = platform.post(f"{url}/announce-leaving", {"reason": "区划调整", "leaves_on": "2020-01-01"})
    assert (past.json["code"], past.json["errors"][0]["pointer"]) == ("leaving_day_past", "/leaves_on")
    told = platform.post(f"{url}/announce-leaving", {"reason": "区划调整", "leaves_on": "2100-06-30"})
    assert told.status_code == 200, told.json
    cell.carry()
    own, other = cell.client(sichuan), cell.client(cell.tenant("guizhou"))
    for client in (platform, own, other):
        seen = client.get(url).json
        assert (seen["state"], seen["leaves_on"], seen["leaving_reason"]) == ("leaving", "2100-06-30", "区划调整")
    newest = own.get(f"{url}/timeline").json["items"][0]
    assert (newest["type"], newest["change"]["reason"]) == ("tenants.tenant.leaving.v1", "区划调整")
    assert platform.get(f"{url}/timeline").json["items"][0] == newest
    assert own.get(f"{url}/delivery").status_code == 200
    assert [other.get(f"{url}/{page}").status_code for page in ("timeline", "delivery", "quotas")] == [404] * 3


def test_quotas_show_their_use_and_warn_whoever_makes_more(cell: Cell, sichuan: UUID) -> None:
    platform, url = cell.client(PLATFORM, "system_administrator"), f"/v1/tenants/{sichuan}"
    given = platform.put(f"{url}/quotas", {"organisations": 5}, headers={"If-Match": "*"})
    assert given.status_code == 200, given.json
    cell.carry()
    cell.database.directory._read_at = float("-inf")
    official = cell.client(sichuan)

    def uses(client: Client) -> dict[str, Any]:
        return {one["quota"]: one for one in client.get(f"{url}/quotas").json["uses"]}

    warned = [official.post("/v1/organisations", draft()).headers.get("Quota-Warning") for _ in range(4)]
    assert warned == [None, None, None, "organisations; used=4; limit=5"]
    assert uses(official)["organisations"] == {"quota": "organisations", "limit": 5, "used": 4, "warning": True}
    assert uses(official)["users"] == {"quota": "users", "limit": None, "used": 0, "warning": False}
    bytes_before = uses(official)["file_bytes"]
    assert (bytes_before["limit"], bytes_before["used"]) == (cell.settings.tenant_file_bytes, 0)
    assert uses(platform)["organisations"] == {"quota": "organisations", "limit": 5, "used": None, "warning": False}
