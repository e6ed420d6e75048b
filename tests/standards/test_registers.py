"""Standards and bodies as anybody reads them, without a token."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.builders.cell import Cell
from tests.standards.certification import accredited, acted
from tests.standards.drafting import released


def asked(cell: Cell, path: str, **query: Any) -> Any:
    answer = cell.app.test_client().get(f"/v1/public/{path}", query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_a_released_standard_is_read_by_anybody_and_a_project_by_nobody(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    standard = released(cell, sichuan, chongqing)
    (line,) = asked(cell, "standards", tenant=str(chongqing))["items"]
    assert (line["id"], line["numbers"]) == (standard["id"], standard["numbers"])
    assert not {"reason", "allowed_actions", "signatures"} & line.keys()
    shown = asked(cell, f"standards/{standard['id']}")
    assert (shown["sheet"], shown["names"][str(sichuan)]["kind"]) == (standard["sheet"], "tenant")
    assert cell.app.test_client().get(f"/v1/public/standards/{standard['project']}").status_code == 404


def test_standards_are_found_by_number_and_state(cell: Cell, sichuan: UUID) -> None:
    standard = released(cell, sichuan)
    number = standard["numbers"][0].lower()
    assert [item["id"] for item in asked(cell, "standards", number=number)["items"]] == [standard["id"]]
    assert asked(cell, "standards", number=number, state="withdrawn")["items"] == []


def test_a_body_is_read_by_anybody_with_what_it_may_certify_and_without_reasons(cell: Cell, sichuan: UUID) -> None:
    standard = released(cell, sichuan)
    body = accredited(cell, sichuan, standard["id"])
    acted(cell, sichuan, f"/v1/bodies/{body['id']}/suspend", body={"reason": "复查"})
    (line,) = asked(cell, "bodies", tenant=str(sichuan))["items"]
    assert (line["state"], line["code"], line["grants"]) == ("suspended", body["code"], body["grants"])
    assert "reason" not in line
    assert asked(cell, "bodies", tenant=str(sichuan), state="accredited")["items"] == []


def test_what_a_tenant_shares_is_counted_by_the_services_that_own_it(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    standard = released(cell, sichuan, chongqing)
    accredited(cell, sichuan, standard["id"])
    found, cursor = {}, None
    while True:
        page = asked(cell, "tenants", limit=100, **({"cursor": cursor} if cursor else {}))
        found |= {item["id"]: item["shared"] for item in page["items"]}
        if (cursor := page["next"]) is None:
            break
    assert found[str(sichuan)] == {"bodies": 1, "parks": 0, "standards": 1}
    assert found[str(chongqing)] == {"bodies": 0, "parks": 0, "standards": 1}


def test_an_unknown_standard_is_not_found(cell: Cell) -> None:
    assert cell.app.test_client().get(f"/v1/public/standards/{uuid4()}").status_code == 404
