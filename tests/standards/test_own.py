"""What an organisation's manager sees and does: its own certificates, the standards they rest on, parks; no others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.standards.models import Certificate
from tests.builders.cell import Cell, Client
from tests.organisations.builders import credit_code, registered, representative
from tests.standards.certification import accredited, acted, issued
from tests.standards.given import given_standard

ALL = "/v1/own/certificates"
Thing = dict[str, Any]


@pytest.fixture
def organisation(cell: Cell, sichuan: UUID) -> Thing:
    made = registered(cell.client(sichuan))
    cell.carry()
    return made


@pytest.fixture
def manager(cell: Cell, sichuan: UUID, organisation: Thing) -> Client:
    return representative(cell, sichuan, organisation=organisation["id"])


def certified(cell: Cell, tenant: UUID, code: str) -> Thing:
    standard = given_standard(cell, tenant)
    holder = {"code": code, "name_zh": "成都虚构家具有限公司"}
    return issued(cell, tenant, accredited(cell, tenant, standard), standard=standard, holder=holder)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json
    return [item["id"] for item in answer.json["items"]]


def test_a_manager_sees_its_certificates_of_every_tenant_their_standards_and_the_paper(
    cell: Cell, sichuan: UUID, chongqing: UUID, organisation: Thing, manager: Client
) -> None:
    certified(cell, sichuan, credit_code())
    home, abroad = (certified(cell, tenant, organisation["code"]) for tenant in (sichuan, chongqing))
    assert ids(manager.get(ALL)) == [abroad["id"], home["id"]]
    shown, other = (manager.get(f"{ALL}/{one['id']}").json for one in (home, abroad))
    assert (shown["holder"], shown["allowed_actions"]) == (home["holder"], ["publish_holder"])
    assert (other["holder"]["code"], other["methods"], other["allowed_actions"]) == (
        organisation["code"], abroad["methods"], [])  # fmt: skip
    assert set(ids(manager.get("/v1/own/standards"))) == {home["standard"], abroad["standard"]}
    early = manager.get(f"{ALL}/{home['id']}/pdf")
    assert (early.status_code, early.headers["Retry-After"]) == (202, "2")
    while cell.run_timers():
        pass
    paper = manager.get(f"{ALL}/{home['id']}/pdf")
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")
    assert manager.get(f"{ALL}/{abroad['id']}/pdf").status_code == 404


def test_the_holder_itself_has_its_name_told_or_not(
    cell: Cell, sichuan: UUID, organisation: Thing, manager: Client
) -> None:
    made = certified(cell, sichuan, organisation["code"])
    told = f"/v1/public/certificates/{made['number']}"
    assert manager.post(f"{ALL}/{made['id']}/publish-holder").json["holder_public"]
    assert cell.app.test_client().get(told).json["holder"]["name_zh"] == "成都虚构家具有限公司"
    assert manager.post(f"{ALL}/{made['id']}/conceal-holder").json["allowed_actions"] == ["publish_holder"]
    assert cell.app.test_client().get(told).json["holder"]["masked"]


def test_another_organisations_manager_and_officials_find_nothing_there(
    cell: Cell, sichuan: UUID, organisation: Thing
) -> None:
    made = certified(cell, sichuan, organisation["code"])
    other = representative(cell, sichuan, organisation=registered(cell.client(sichuan))["id"])
    cell.carry()
    assert ids(other.get(ALL)) == ids(other.get("/v1/own/standards")) == []
    one = f"{ALL}/{made['id']}"
    asked = [other.get(one), other.get(f"{one}/pdf"), other.post(f"{one}/publish-holder")]
    assert [answer.status_code for answer in asked] == [404] * 3
    beyond = ("/v1/certificates", f"/v1/certificates/{made['id']}", "/v1/parks", "/v1/projects")
    assert [other.get(url).status_code for url in beyond] == [403] * 4
    assert cell.client(sichuan).get(ALL).json["code"] == "scope_missing"


def test_the_database_itself_shows_an_organisations_session_no_other_certificate(
    cell: Cell, sichuan: UUID, organisation: Thing
) -> None:
    own = certified(cell, sichuan, organisation["code"])
    certified(cell, sichuan, credit_code())
    with cell.session(sichuan, scope="organisation", organisation_id=UUID(organisation["id"])) as session:
        assert [str(key) for key in session.scalars(select(Certificate.id))] == [own["id"]]


def test_whoever_absorbed_another_organisation_holds_its_certificates(
    cell: Cell, sichuan: UUID, organisation: Thing, manager: Client
) -> None:
    old = registered(cell.client(sichuan))
    made = certified(cell, sichuan, old["code"])
    assert ids(manager.get(ALL)) == []
    acted(cell, sichuan, f"/v1/organisations/{old['id']}/merge", body={"into": organisation["id"]})
    assert ids(manager.get(ALL)) == [made["id"]]
