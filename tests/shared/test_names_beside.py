"""Names beside ids: who and what an answer is about, as far as its reader may know."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.http.fields.references import Reference, SayingObject
from shared.http.fields.strict import Schema
from shared.http.names import names_in
from tests.builders.administration import active_user, system
from tests.builders.cell import Cell
from tests.builders.officials import active, drafted, park_draft
from tests.organisations.builders import registered


class ResourceView(Schema):
    """Shows one thing of each kind."""

    park = Reference("park")
    account = Reference("account")
    organisation = Reference("organisation")
    anything = Reference()


@pytest.fixture
def official(cell: Cell, sichuan: UUID) -> dict[str, Any]:
    """Somebody with a name."""
    return active_user(cell, sichuan, name="王芳")


def asked(cell: Cell, reader: UUID, document: dict[str, str], **context: Any) -> dict[str, Any]:
    """The names that this reader gets beside a document."""
    scopes = context.pop("scopes", frozenset({"parks:read", "organisations:read"}))
    with cell.session(reader, scopes=scopes, **context) as session:
        return names_in(session, [(ResourceView, document)], directory=session.directory)


def test_a_list_names_once_what_all_its_items_show(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    for _ in range(2):
        drafted(cell, sichuan, chongqing)
    answer = cell.client(chongqing).get("/v1/parks").json
    assert set(answer["names"]) == {str(sichuan), str(chongqing), *(item["id"] for item in answer["items"])}
    assert answer["names"][str(sichuan)]["zh"] == "sichuan"
    assert answer["names"][str(sichuan)]["kind"] == "tenant"
    assert "names" not in answer["items"][0]


def test_a_timeline_names_ones_own_people_and_of_others_no_more_than_whose_they_are(
    cell: Cell, sichuan: UUID, chongqing: UUID, official: dict[str, Any]
) -> None:
    subject = official["id"]
    made = cell.client(sichuan, subject=subject).post("/v1/parks", park_draft(sichuan, chongqing)).json
    cell.carry()
    told = {tenant: cell.client(tenant).get(f"/v1/parks/{made['id']}/timeline").json["names"]
            for tenant in (sichuan, chongqing)}  # fmt: skip
    assert told[sichuan][subject] == {"kind": "account", "code": official["login"], "zh": "王芳", "en": "王芳"}
    assert told[chongqing][subject]["zh"] == "sichuan的经办人员"
    assert told[chongqing][subject]["code"] is None


def test_whoever_was_erased_has_no_name(cell: Cell, sichuan: UUID, official: dict[str, Any]) -> None:
    for action in ("deactivate", "erase"):
        assert system(cell, sichuan).post(f"/v1/users/{official['id']}/{action}").status_code == 200
    answer = system(cell, sichuan).get(f"/v1/users/{official['id']}").json
    assert answer["names"][official["id"]]["zh"] == "已注销账号"


def test_a_repeated_request_is_answered_with_the_names_of_now(
    cell: Cell, sichuan: UUID, official: dict[str, Any]
) -> None:
    """What is kept of an answer holds no name, or erasing a person would not reach it."""
    client, headers = system(cell, sichuan), {"Idempotency-Key": uuid4().hex}
    url = f"/v1/users/{official['id']}/lock"
    assert client.post(url, headers=headers).json["names"][official["id"]]["zh"] == "王芳"
    assert client.patch(f"/v1/users/{official['id']}", {"name": "王方"}).status_code == 200
    assert client.post(url, headers=headers).json["names"][official["id"]]["zh"] == "王方"


def test_a_pending_command_names_what_it_is_about(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = drafted(cell, sichuan, chongqing)
    sent = cell.client(chongqing).patch(url, {"area_km2": "263"})
    assert sent.status_code == 202
    names = sent.json["names"]
    assert names[url.rpartition("/")[2]]["kind"] == "park"
    assert names[str(sichuan)]["zh"] == "sichuan"


def test_nothing_of_another_tenant_is_named(
    cell: Cell, sichuan: UUID, chongqing: UUID, official: dict[str, Any]
) -> None:
    park = drafted(cell, sichuan, cell.tenant("guizhou")).rpartition("/")[2]
    organisation = registered(cell.client(sichuan))["id"]
    document = {"park": park, "account": official["id"], "organisation": organisation}
    own = asked(cell, sichuan, document)
    assert own[official["id"]]["zh"] == "王芳"
    assert own[park]["zh"].startswith("联合园区")
    foreign = asked(cell, chongqing, document)
    assert {names["zh"] for names in foreign.values()} == {"园区", "账号", "机构"}
    assert asked(cell, chongqing, {"anything": park}) == {}


def test_a_name_is_told_to_those_alone_who_may_read_the_thing(cell: Cell, sichuan: UUID) -> None:
    park = drafted(cell, sichuan, cell.tenant("guizhou")).rpartition("/")[2]
    organisation = registered(cell.client(sichuan))["id"]
    document = {"park": park, "organisation": organisation}
    told = asked(cell, sichuan, document, scopes=frozenset({"files:read"}))
    assert {names["zh"] for names in told.values()} == {"园区", "机构"}


def test_whoever_acts_for_an_organisation_is_not_told_who_the_officials_are(
    cell: Cell, sichuan: UUID, official: dict[str, Any]
) -> None:
    made = registered(cell.client(sichuan))["id"]
    member = active_user(cell, sichuan, name="李明", roles=["organisation_member"], organisation=made)
    bound: Any = {"scope": "organisation", "organisation_id": UUID(made)}
    for who, name in ((official, "账号"), (member, "李明")):
        assert asked(cell, sichuan, {"account": who["id"]}, **bound)[who["id"]]["zh"] == name


def test_a_signature_names_who_signed(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = active(cell, sichuan, chongqing)
    answer = cell.client(chongqing).get(f"{url}/agreements/1").json
    assert {item["tenant"] for item in answer["signatures"]} <= set(answer["names"])
    assert answer["names"][answer["id"]]["en"] == "agreement of Joint park, revision 1"


def test_a_kind_within_json_is_no_client() -> None:
    said = {"kind": "standards.certificate", "by": "sichuan.statistics"}
    assert [mention.id for mention in SayingObject().mentioned(said, beside={})] == ["sichuan.statistics"]
