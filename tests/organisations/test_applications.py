"""What an organisation asks of its tenant: its registration and its qualifications, and what becomes of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.organisations.domain.applications import APPLICATION_LIFECYCLE
from shared.core.errors import ConflictError
from tests.builders.cell import Cell, Client
from tests.builders.working import actions, check_derived
from tests.organisations.builders import credit_code, registered, representative, uploaded

ALL = "/v1/organisations/applications"
Thing = dict[str, Any]


def file(client: Client, content: bytes) -> Thing:
    name = uploaded(client, content, "application/pdf")
    return {"sha256": name, "name": "营业执照.pdf", "media_type": "application/pdf", "size": len(content)}


def done(answer: Any) -> Thing:
    assert answer.status_code in (200, 201), answer.json
    return dict(answer.json)


@pytest.fixture
def opened(cell: Cell, sichuan: UUID) -> Thing:
    """Opened at the window, with a name alone."""
    return done(cell.client(sichuan).post(f"{ALL}/registrations", {"name_zh": "虚构家具有限公司"}))


@pytest.fixture
def manager(cell: Cell, sichuan: UUID, opened: Thing) -> Client:
    """Invited for the organisation that is to be registered."""
    return representative(cell, sichuan, organisation=opened["organisation"])


@pytest.mark.parametrize("state", APPLICATION_LIFECYCLE.states)
def test_an_application_can_do_in_each_state_exactly_what_its_table_says(state: str) -> None:
    for action in {step.action for step in APPLICATION_LIFECYCLE.steps}:
        if action in APPLICATION_LIFECYCLE.actions(state):
            APPLICATION_LIFECYCLE.target(state, action)
        else:
            with pytest.raises(ConflictError):
                APPLICATION_LIFECYCLE.target(state, action)


def test_a_manager_has_its_organisation_registered_and_qualified_and_officials_decide(
    cell: Cell, sichuan: UUID, opened: Thing, manager: Client
) -> None:
    official, own, url = cell.client(sichuan), opened["organisation"], f"{ALL}/{opened['id']}"
    assert [item["id"] for item in manager.get(ALL).json["items"]] == [opened["id"]]
    early = manager.post(f"{url}/submit")
    assert [fault["pointer"] for fault in early.json["errors"]] == [
        "/registration/code", "/registration/kind", "/registration/division", "/evidence",
    ]  # fmt: skip
    described = {"code": credit_code(), "kind": "enterprise", "division": "511600", "sectors": ["C21"]}
    revised = manager.patch(url, {"registration": described, "evidence": [file(manager, b"%PDF-licence")]})
    assert done(revised)["registration"]["name_zh"] == "虚构家具有限公司"
    submitted = done(manager.post(f"{url}/submit"))
    assert (submitted["state"], submitted["allowed_actions"]) == ("submitted", ["withdraw"])
    assert manager.post(f"{url}/approve").json["code"] == "scope_missing"
    returned = done(official.post(f"{url}/return", {"reason": "请补英文名"}))
    assert (returned["state"], manager.get(url).json["reason"]) == ("draft", "请补英文名")
    done(manager.patch(url, {"registration": {"name_en": "Made-up Furniture"}}))
    done(manager.post(f"{url}/submit"))
    assert done(official.post(f"{url}/approve"))["state"] == "approved"
    organisation = done(manager.get(f"/v1/organisations/{own}"))
    assert (organisation["code"], organisation["name_en"]) == (described["code"], "Made-up Furniture")
    assert official.get(f"/v1/files/{submitted['evidence'][0]['sha256']}").data == b"%PDF-licence"
    _is_qualified(official, manager, own=own)


def _is_qualified(official: Client, manager: Client, *, own: str) -> None:
    proof = file(manager, b"%PDF-title")
    asked = {"name": "高新技术企业", "number": "GR1", "issued_on": "2026-01-05", "evidence": [proof]}
    url = f"{ALL}/{done(manager.post(f'{ALL}/qualifications', asked))['id']}"
    assert manager.get(f"/v1/organisations/{own}").json["qualifications"] == []
    done(manager.post(f"{url}/submit"))
    done(official.post(f"{url}/approve"))
    [held] = manager.get(f"/v1/organisations/{own}").json["qualifications"]
    assert (held["name"], held["valid_to"], held["state"]) == ("高新技术企业", "2029-01-04", "valid")
    told = [item["type"] for item in manager.get(f"{url}/timeline").json["items"]]
    assert told == [f"organisations.application.{name}.v1" for name in ("approved", "submitted", "opened")]


def test_another_organisations_manager_finds_nothing_of_it(
    cell: Cell, sichuan: UUID, chongqing: UUID, opened: Thing, manager: Client
) -> None:
    other = registered(cell.client(sichuan))["id"]
    url = f"{ALL}/{opened['id']}"
    for stranger in (representative(cell, sichuan, organisation=other), cell.client(chongqing)):
        asked = [stranger.get(url), stranger.get(f"{url}/timeline"), stranger.post(f"{url}/submit"),
                 stranger.patch(url, {"evidence": []})]  # fmt: skip
        assert [answer.status_code for answer in asked] == [404] * 4
        assert stranger.get(ALL).json["items"] == []
    assert manager.get(url).status_code == 200


def test_what_cannot_be_asked_is_refused_with_what_to_do(
    cell: Cell, sichuan: UUID, opened: Thing, manager: Client
) -> None:
    official, url = cell.client(sichuan), f"{ALL}/{opened['id']}"
    refused = [
        manager.post(f"{ALL}/qualifications", {"name": "小巨人"}),
        official.post(f"{ALL}/qualifications", {"name": "小巨人"}),
        manager.post(f"{ALL}/registrations", {"name_zh": "另一家"}),
        official.post(f"{url}/approve"),
        manager.patch(url, {"qualification": {"name": "小巨人"}}),
    ]
    assert [answer.json["code"] for answer in refused] == [
        "not_registered", "organisation_only", "organisation_scope", "action_not_allowed", "purpose_other",
    ]  # fmt: skip
    described = {"code": credit_code(), "kind": "enterprise", "division": "110000", "sectors": ["C21"]}
    done(manager.patch(url, {"registration": described, "evidence": [file(manager, b"%PDF-y")]}))
    answer = manager.post(f"{url}/submit").json
    assert (answer["code"], answer["errors"][0]["pointer"]) == ("division_elsewhere", "/registration/division")
    assert done(manager.post(f"{url}/withdraw"))["state"] == "withdrawn"


def test_a_code_that_is_taken_is_found_when_it_is_decided_and_nothing_is_done(
    cell: Cell, sichuan: UUID, opened: Thing, manager: Client
) -> None:
    official, url = cell.client(sichuan), f"{ALL}/{opened['id']}"
    taken = registered(official)["code"]
    described = {"code": taken, "kind": "enterprise", "division": "511600"}
    done(manager.patch(url, {"registration": described, "evidence": [file(manager, b"%PDF-x")]}))
    done(manager.post(f"{url}/submit"))
    answer = official.post(f"{url}/approve")
    assert (answer.status_code, answer.json["code"]) == (409, "code_taken")
    assert official.get(url).json["state"] == "submitted"
    assert done(official.post(f"{url}/refuse", {"reason": "代码属于他人"}))["reason"] == "代码属于他人"


def test_an_application_waits_for_the_side_whose_turn_it_is(
    cell: Cell, sichuan: UUID, opened: Thing, manager: Client
) -> None:
    official, url = cell.client(sichuan), f"{ALL}/{opened['id']}"
    stranger = representative(cell, sichuan, organisation=registered(official)["id"])
    assert (actions(manager), actions(official), actions(official, "for=others")) == (
        {(url, "submit")},
        set(),
        {(url, "submit")},
    )
    described = {"code": credit_code(), "kind": "enterprise", "division": "511600", "sectors": ["C21"]}
    done(manager.patch(url, {"registration": described, "evidence": [file(manager, b"%PDF-licence")]}))
    done(manager.post(f"{url}/submit"))
    assert (actions(manager), actions(manager, "for=others")) == (set(), {(url, "approve")})
    assert (actions(official), actions(official, "for=others")) == ({(url, "approve")}, set())
    assert [actions(stranger, f"for={whose}") for whose in ("me", "tenant", "others")] == [set(), set(), set()]
    check_derived(cell, sichuan)
    done(official.post(f"{url}/approve"))
    assert [actions(who, "for=others") | actions(who) for who in (manager, official)] == [set(), set()]
