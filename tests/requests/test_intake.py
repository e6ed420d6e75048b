"""A portal of citizens: it reads the catalogue without a token, files as a machine, and asks where its cases stand."""

from __future__ import annotations

from uuid import UUID

from tests.builders.cell import Cell, Client
from tests.builders.oauth import make_client
from tests.requests.given import SHEET, done, drafted, filed, opened

FORM = [*SHEET["form"], {"name": "kind", "label_zh": "类别", "kind": "choice", "choices": ["甲", "乙"]},
        {"name": "agreed", "label_zh": "同意", "kind": "yes_no"}]  # fmt: skip
SERVICES = "/v1/public/georeport/services"


def test_a_portal_reads_what_may_be_asked_for_and_files_from_what_it_read(cell: Cell, sichuan: UUID) -> None:
    guizhou = cell.tenant("guizhou")
    item = opened(cell, guizhou, sheet={**SHEET, "form": FORM})
    anybody = cell.app.test_client()
    listed = anybody.get(SERVICES, query_string={"jurisdiction_id": str(guizhou)}).json
    assert [one["service_code"] for one in listed["items"]] == [item]
    service = anybody.get(f"{SERVICES}/{item}").json
    assert (service["metadata"], service["type"], service["group"]) == (True, "realtime", "testing")
    asked = {one["code"]: (one["datatype"], one["required"]) for one in service["attributes"]}
    assert asked == {
        "scope": ("text", True), "since": ("datetime", False), "kind": ("singlevaluelist", True),
        "agreed": ("singlevaluelist", True),
    }  # fmt: skip
    answers = [
        {"name": one["code"], "value": one["values"][0]["key"] if one["values"] else "食品"}
        for one in service["attributes"]
        if one["required"]
    ]
    app = make_client(cell, sichuan, "machine", scopes=("requests:read", "requests:file"))
    machine = Client(
        cell.app.test_client(), lambda: str(app.post("token", grant_type="client_credentials").json["access_token"])
    )
    url = drafted(machine, item, answers=answers)
    number = machine.post(f"{url}/file", {}).json["number"]
    cell.carry()
    done(cell, guizhou, url, "accept")
    found = {"service_request_id": number}
    [shown] = machine.get("/v1/requests/georeport", query_string=found).json["items"]
    assert (shown["status"], shown["state"], shown["agency_responsible"]) == ("open", "accepted", str(guizhou))
    assert shown["expected_date"] == machine.get(url).json["due_on"]
    assert "华瑞" not in str(shown)
    done(cell, sichuan, url, "withdraw")
    read_before = shown["updated_datetime"]
    changed = machine.get(
        "/v1/requests/georeport", query_string={"updated_since": read_before, "status": "closed"}
    ).json["items"]
    assert [one["service_request_id"] for one in changed] == [number]


def test_what_is_no_more_offered_and_drafts_are_in_no_catalogue(cell: Cell, sichuan: UUID) -> None:
    guizhou = cell.tenant("guizhou")
    item, anybody = opened(cell, guizhou), cell.app.test_client()
    drafted(cell.client(sichuan), item)
    url = filed(cell, sichuan, item)
    assert cell.client(guizhou).post(f"/v1/service-items/{item}/close", {"reason": "停办"}).status_code == 200
    cell.carry()
    assert anybody.get(f"{SERVICES}/{item}").status_code == 404
    assert anybody.get(SERVICES, query_string={"jurisdiction_id": str(guizhou)}).json["items"] == []
    told = cell.client(sichuan).get("/v1/requests/georeport", query_string={"service_code": item}).json["items"]
    assert [one["case"] for one in told] == [url.rpartition("/")[2]]
