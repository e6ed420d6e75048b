"""Cases that name the park they are about, which is known from its own events."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import select

from services.requests.models import KnownPark
from tests.builders.cell import Cell
from tests.builders.officials import active, drafted, park_draft
from tests.organisations.builders import representative
from tests.requests.given import drafted as case_drafted
from tests.requests.given import opened
from tests.requests.test_duties import add


def key_of(url: str) -> str:
    return url.rpartition("/")[2]


def test_a_case_names_its_park_whose_name_the_handler_reads_though_it_is_no_party(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    guizhou = cell.tenant("guizhou")
    item, park = opened(cell, guizhou), key_of(drafted(cell, sichuan, chongqing))
    renamed = cell.client(sichuan).patch(f"/v1/parks/{park}", {"name_zh": "改名园区"})
    assert renamed.status_code == 200, renamed.json
    cell.carry()
    # By the park's own place, where nothing is known of the organisation.
    add(cell, guizhou, unit="广安处", division="511600")
    url = case_drafted(cell.client(chongqing), item, park=park)
    filed = cell.client(chongqing).post(f"{url}/file", {}).json
    assert (filed["park"], filed["park_named"]["name_zh"], filed["division"]) == (park, "改名园区", "511623")
    assert filed["names"][park]["zh"] == "改名园区"
    cell.carry()
    there = cell.client(guizhou).get(url).json
    assert (there["park_named"]["name_zh"], there["unit"], there["names"][park]["zh"]) == ("改名园区", "广安处", "园区")
    for asked, found in ((park, 1), (str(uuid4()), 0)):
        listed = cell.client(guizhou).get("/v1/requests", query_string={"park": asked}).json["items"]
        assert len(listed) == found


def test_the_duty_table_has_rules_for_a_park(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    item, park = opened(cell, sichuan), key_of(drafted(cell, sichuan, chongqing))
    add(cell, sichuan, unit="邻水处", division="511623")
    rule = add(cell, sichuan, unit="园区办", park=park)
    ask = {"item": item, "park": park}
    found = cell.client(sichuan).get("/v1/duty-rules/route", query_string=ask).json
    assert [(one["unit"], one["by"]) for one in found["fitting"]] == [("园区办", ["park"]), ("邻水处", ["division"])]
    assert (found["fitting"][0]["rule"], found["unit"]) == (rule["id"], "园区办")
    url = case_drafted(cell.client(chongqing), item, park=park)
    cell.client(chongqing).post(f"{url}/file", {})
    cell.carry()
    assert cell.client(sichuan).get(url).json["unit"] == "园区办"


def test_only_a_park_that_the_tenant_builds_and_that_goes_on_can_be_named(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    yunnan, own = cell.tenant("yunnan"), str(uuid4())
    item, park = opened(cell, sichuan), drafted(cell, sichuan, chongqing)
    body = {"item": item, "organisation": own, "applicant": "试", "park": key_of(park)}
    refused = cell.client(yunnan).post("/v1/requests", body)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/park")
    with cell.session(yunnan) as session:
        assert session.scalars(select(KnownPark)).all() == []
    # An organisation's people see no park before it is in force.
    people = representative(cell, sichuan, organisation=own)
    assert people.post("/v1/requests", body).json["code"] == "park_unknown"
    in_force = {**body, "park": key_of(active(cell, sichuan, chongqing))}
    assert people.post("/v1/requests", in_force).status_code == 201
    withdrawn = cell.client(sichuan).post(f"{park}/withdraw", {"reason": "试"})
    assert withdrawn.status_code == 200, withdrawn.json
    cell.carry()
    for tenant in (sichuan, chongqing):
        assert cell.client(tenant).post("/v1/requests", body).json["code"] == "park_ended"


def test_whoever_is_no_party_any_more_names_it_no_more(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    yunnan = cell.tenant("yunnan")
    item, park = opened(cell, sichuan), drafted(cell, sichuan, chongqing)
    parties = park_draft(sichuan, yunnan)["parties"]
    assert cell.client(sichuan).patch(park, {"parties": parties}).status_code == 200
    cell.carry()
    body = {"item": item, "organisation": str(uuid4()), "applicant": "试", "park": key_of(park)}
    assert cell.client(chongqing).post("/v1/requests", body).json["code"] == "park_unknown"
    assert cell.client(yunnan).post("/v1/requests", body).status_code == 201
