"""Conformity bodies: what a tenant accredits, everybody knows, with its grants and since when it counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.standards.commands.bodies import expire_body
from services.standards.models import Body
from shared.core.calendar import day_of, end_of
from shared.rules.periods import state_at
from tests.builders.cell import Cell
from tests.organisations.builders import credit_code
from tests.standards.certification import YEAR, accredited, acted, body_draft, grant_draft
from tests.standards.given import given_body, given_standard, period

DAY = timedelta(days=1)


@pytest.fixture
def standard(cell: Cell, sichuan: UUID) -> UUID:
    return given_standard(cell, sichuan)


def at(body: dict[str, Any]) -> str:
    return f"/v1/bodies/{body['id']}"


def periods(body: dict[str, Any]) -> list[dict[str, str]]:
    return [{"state": period["state"], "from": period["from"]} for period in body["spells"]]


def test_an_accredited_body_is_known_to_every_tenant(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID
) -> None:
    made = accredited(cell, sichuan, standard)
    shown = cell.client(chongqing).get(at(made)).json
    assert (shown["state"], shown["home"], shown["etag"]) == ("accredited", str(sichuan), "1.1")
    assert (shown["grants"][0]["grant"], shown["allowed_actions"]) == (1, [])
    assert cell.client(sichuan).get(at(made)).json["allowed_actions"] == ["extend", "reduce", "suspend", "withdraw"]
    assert cell.client(sichuan, "observer").get(at(made)).json["allowed_actions"] == []


def test_bodies_are_found_by_code_tenant_standard_state_and_name(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID
) -> None:
    made = accredited(cell, sichuan, standard, name_en=f"Lab {uuid4().hex}")
    other = accredited(cell, chongqing, standard, code=credit_code())
    acted(cell, chongqing, f"{at(other)}/suspend", body={"reason": "复查"})
    client = cell.client(chongqing)

    def found(query: str) -> list[str]:
        answer = client.get(f"/v1/bodies?{query}")
        assert answer.status_code == 200, answer.json
        return [item["id"] for item in answer.json["items"]]

    assert found(f"code={made['code'].lower()}") == [made["id"]]
    assert found(f"tenant={sichuan}") == [made["id"]]
    assert sorted(found(f"standard={standard}")) == sorted([made["id"], other["id"]])
    assert found(f"standard={standard}&state=suspended") == [other["id"]]
    assert found(f"q={made['name_en'].upper()}") == found(f"q={made['name_zh']}") == [made["id"]]
    first = client.get(f"/v1/bodies?standard={standard}&limit=1").json
    second = client.get(f"/v1/bodies?standard={standard}&limit=1&cursor={first['next']}").json
    assert {first["items"][0]["id"], second["items"][0]["id"]} == {made["id"], other["id"]}
    assert second["next"] is None


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"code": "91510000MA0000000X"}, "invalid", "/code"),
        ({"grants": []}, "invalid", "/grants"),
        ({"grants": [{"standards": [str(UUID(int=1))], "valid_to": "2100-01-01"}]}, "standard_unknown",
         "/grants/0/standards/0"),
        ({"grants": [{"standards": [str(UUID(int=1))], "valid_to": "2020-01-01"}]}, "grant_over",
         "/grants/0/valid_to"),
        ({"grants": [{"standards": [str(UUID(int=1))], "valid_from": "1990-01-01", "valid_to": "2100-01-01"}]},
         "grant_too_early", "/grants/0/valid_from"),
        ({"grants": [{"standards": [str(UUID(int=1))], "valid_to": "2100-01-01", "product_classes": ["2110"]}]},
         "invalid", "/grants/0/product_classes/0"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_accreditation_is_said_where(
    cell: Cell, sichuan: UUID, standard: UUID, changes: dict[str, Any], code: str, pointer: str
) -> None:
    answer = cell.client(sichuan).post("/v1/bodies", body_draft(cell, standard, **changes))
    assert (answer.status_code, answer.json["code"]) == (422, code), answer.json
    assert answer.json["errors"][0]["pointer"] == pointer


def test_one_organisation_is_accredited_once(cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID) -> None:
    made = accredited(cell, sichuan, standard)
    draft = body_draft(cell, standard, code=made["code"])
    answer = cell.client(sichuan).post("/v1/bodies", draft)
    assert (answer.status_code, answer.json["code"]) == (409, "body_exists")
    assert cell.client(chongqing).post("/v1/bodies", draft).status_code == 201
    acted(cell, sichuan, f"{at(made)}/withdraw", body={"reason": "撤销"})
    assert cell.client(sichuan).post("/v1/bodies", draft).status_code == 201


def test_an_accreditation_older_than_its_entry_counts_since_its_first_day(
    cell: Cell, sichuan: UUID, standard: UUID
) -> None:
    since = day_of(cell.clock.now()) - 30 * DAY
    made = accredited(cell, sichuan, standard, grants=[grant_draft(cell, standard, valid_from=str(since))])
    assert state_at(periods(made), cell.clock.now() - 29 * DAY) == "accredited"
    assert state_at(periods(made), cell.clock.now() - 32 * DAY) is None


def test_a_renewal_closes_no_gap_of_years(cell: Cell, sichuan: UUID, standard: UUID) -> None:
    today = day_of(cell.clock.now())
    made = accredited(cell, sichuan, standard, grants=[grant_draft(cell, standard, valid_to=str(today + DAY))])
    cell.clock.advance(2 * YEAR)
    cell.run_timers()
    cell.carry()
    draft = grant_draft(cell, standard, valid_from=str(today + 2 * DAY))
    answer = cell.client(sichuan).post(f"{at(made)}/extend", draft)
    assert (answer.status_code, answer.json["code"]) == (422, "grant_too_early")
    assert answer.json["errors"][0]["pointer"] == "/valid_from"


def test_the_organisation_behind_a_body_is_shown(cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID) -> None:
    organisation = str(uuid4())
    made = accredited(cell, sichuan, standard, organisation=organisation)
    assert made["organisation"] == cell.client(chongqing).get(at(made)).json["organisation"] == organisation


def filled(cell: Cell, standard: UUID, size: int) -> dict[str, Any]:
    """The draft of a body whose grants have about so many bytes."""
    methods = [f"{number:03}{'m' * 92}" for number in range(98)]
    grants = [grant_draft(cell, standard, methods=methods[: min(98, left)]) for left in range(size // 98, 0, -98)]
    return body_draft(cell, standard, grants=grants)


def test_however_full_a_body_is_it_can_be_suspended_and_withdrawn(cell: Cell, sichuan: UUID, standard: UUID) -> None:
    client = cell.client(sichuan)
    refused = client.post("/v1/bodies", filled(cell, standard, 62_000))
    assert (refused.status_code, refused.json["code"]) == (422, "too_large")
    made = client.post("/v1/bodies", filled(cell, standard, 47_000)).json
    grown = [client.post(f"{at(made)}/extend", grant_draft(cell, standard)).status_code for _each in range(12)]
    assert {grown[0], grown[-1]} == {200, 422}
    for _each in range(50):
        if client.post(f"{at(made)}/suspend", {"reason": "复查"}).status_code == 409:
            break
        assert client.post(f"{at(made)}/reinstate").status_code == 200
    refused = client.post(f"{at(made)}/suspend", {"reason": "复查"})
    assert (refused.status_code, refused.json["code"]) == (409, "too_many_changes")
    assert client.post(f"{at(made)}/withdraw", {"reason": "撤销"}).status_code == 200


def test_what_has_changed_its_state_however_often_is_withdrawn_and_expires(
    cell: Cell, sichuan: UUID, standard: UUID
) -> None:
    begun = cell.clock.now() - 250 * DAY
    often = [period(("accredited", "suspended")[number % 2], begun + number * DAY) for number in range(201)]
    first, second = (given_body(cell, sichuan, standard, spells=often) for _each in range(2))
    refused = cell.client(sichuan).post(f"/v1/bodies/{first}/suspend", {"reason": "复查"})
    assert refused.json["code"] == "too_many_changes"
    assert acted(cell, sichuan, f"/v1/bodies/{first}/withdraw", body={"reason": "撤销"})["state"] == "withdrawn"
    cell.clock.advance(11 * YEAR)
    with cell.session(sichuan) as session:
        expire_body(session, second, {})
        assert session.one(Body, second).state == "expired"


def test_the_scope_grows_by_a_grant_and_shrinks_to_a_day(cell: Cell, sichuan: UUID, standard: UUID) -> None:
    made = accredited(cell, sichuan, standard)
    today = day_of(cell.clock.now())
    grown = acted(cell, sichuan, f"{at(made)}/extend", body=grant_draft(cell, standard, product_classes=["C21"]))
    assert [grant["grant"] for grant in grown["grants"]] == [1, 2]
    past = cell.client(sichuan).post(f"{at(made)}/reduce", {"grant": 2, "valid_to": str(today - DAY)})
    assert (past.status_code, past.json["code"]) == (422, "grant_end_wrong")
    unknown = cell.client(sichuan).post(f"{at(made)}/reduce", {"grant": 3, "valid_to": str(today)})
    assert (unknown.status_code, unknown.json["code"]) == (422, "grant_unknown")
    shrunk = acted(cell, sichuan, f"{at(made)}/reduce", body={"grant": 2, "valid_to": str(today)})
    assert shrunk["grants"][1]["valid_to"] == str(today)
    wrong = cell.client(sichuan).post(f"{at(made)}/extend", {**grant_draft(cell, standard), "valid_to": "2020-01-01"})
    assert wrong.json["errors"][0]["pointer"] == "/valid_to"


def test_a_suspension_counts_everywhere_and_a_reinstatement_from_its_moment_on(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID
) -> None:
    made = accredited(cell, sichuan, standard)
    cell.clock.advance(DAY)
    acted(cell, sichuan, f"{at(made)}/suspend", body={"reason": "抽查不合格"})
    shown = cell.client(chongqing).get(at(made)).json
    assert (shown["state"], shown["reason"]) == ("suspended", None)
    assert cell.client(sichuan).get(at(made)).json["reason"] == "抽查不合格"
    suspended_at = cell.clock.now()
    cell.clock.advance(DAY)
    again = acted(cell, sichuan, f"{at(made)}/reinstate")
    assert (again["state"], again["reason"]) == ("accredited", None)
    assert state_at(periods(again), suspended_at) == "suspended"
    assert state_at(periods(again), cell.clock.now()) == "accredited"


@pytest.mark.parametrize("action", ["suspend", "withdraw"])
def test_a_correction_makes_a_mistake_as_if_it_had_not_been(
    cell: Cell, sichuan: UUID, standard: UUID, action: str
) -> None:
    made = accredited(cell, sichuan, standard)
    cell.clock.advance(DAY)
    acted(cell, sichuan, f"{at(made)}/{action}", body={"reason": "误操作"})
    mistaken_at = cell.clock.now()
    cell.clock.advance(DAY)
    right = acted(cell, sichuan, f"{at(made)}/restore", body={"reason": "更正"})
    assert (right["state"], right["spells"]) == ("accredited", made["spells"])
    assert state_at(periods(right), mistaken_at) == "accredited"


def test_corrections_undo_one_act_after_another(cell: Cell, sichuan: UUID, standard: UUID) -> None:
    made = accredited(cell, sichuan, standard)
    states = []
    for step in ("suspend", "withdraw", "restore", "restore"):
        cell.clock.advance(DAY)
        states.append(acted(cell, sichuan, f"{at(made)}/{step}", body={"reason": "误操作"})["state"])
    assert states == ["suspended", "withdrawn", "suspended", "accredited"]
    assert cell.client(sichuan).get(at(made)).json["spells"] == made["spells"]


def test_a_body_that_expired_while_suspended_by_mistake_counted_until_then(
    cell: Cell, sichuan: UUID, standard: UUID
) -> None:
    last = day_of(cell.clock.now()) + 2 * DAY
    made = accredited(cell, sichuan, standard, grants=[grant_draft(cell, standard, valid_to=str(last))])
    acted(cell, sichuan, f"{at(made)}/suspend", body={"reason": "误操作"})
    suspended_at = cell.clock.now()
    cell.clock.advance(5 * DAY)
    cell.run_timers()
    cell.carry()
    assert cell.client(sichuan).get(at(made)).json["allowed_actions"] == ["extend", "restore"]
    right = acted(cell, sichuan, f"{at(made)}/restore", body={"reason": "更正"})
    assert (right["state"], right["allowed_actions"]) == ("expired", ["extend"])
    assert state_at(periods(right), suspended_at) == "accredited"
    assert datetime.fromisoformat(right["spells"][-1]["from"]) == end_of(last)


def test_a_mistaken_withdrawal_of_a_suspended_body_leaves_it_suspended(
    cell: Cell, sichuan: UUID, standard: UUID
) -> None:
    made = accredited(cell, sichuan, standard)
    cell.clock.advance(DAY)
    suspended = acted(cell, sichuan, f"{at(made)}/suspend", body={"reason": "抽查不合格"})
    acted(cell, sichuan, f"{at(made)}/withdraw", body={"reason": "误操作"})
    right = acted(cell, sichuan, f"{at(made)}/restore", body={"reason": "更正"})
    assert (right["state"], right["spells"]) == ("suspended", suspended["spells"])
    assert right["reason"] == "抽查不合格"


def test_a_body_expires_with_its_last_grant_and_a_renewal_that_joins_leaves_no_gap(
    cell: Cell, sichuan: UUID, standard: UUID
) -> None:
    today = day_of(cell.clock.now())
    made = accredited(cell, sichuan, standard, grants=[grant_draft(cell, standard, valid_to=str(today + DAY))])
    cell.clock.advance(3 * DAY)
    cell.run_timers()
    cell.carry()
    shown = cell.client(sichuan).get(at(made)).json
    assert (shown["state"], shown["allowed_actions"]) == ("expired", ["extend"])
    assert datetime.fromisoformat(shown["spells"][-1]["from"]).astimezone().timestamp() < cell.clock.now().timestamp()
    renewed = acted(cell, sichuan, f"{at(made)}/extend",
                    body=grant_draft(cell, standard, valid_from=str(today + 2 * DAY)))  # fmt: skip
    assert (renewed["state"], renewed["spells"]) == ("accredited", made["spells"])


def test_another_tenants_body_is_read_and_not_acted_upon(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID
) -> None:
    made = accredited(cell, sichuan, standard)
    assert cell.client(chongqing).post(f"{at(made)}/suspend", {"reason": "x"}).status_code == 404
    assert cell.client(chongqing).get(f"{at(made)}/timeline").status_code == 404
    assert [item["type"] for item in cell.client(sichuan).get(f"{at(made)}/timeline").json["items"]] == [
        "standards.body.accredited.v1"
    ]


def test_only_those_who_decide_accredit(cell: Cell, sichuan: UUID, standard: UUID) -> None:
    answer = cell.client(sichuan, "clerk").post("/v1/bodies", body_draft(cell, standard))
    assert (answer.status_code, answer.json["code"]) == (403, "scope_missing")
