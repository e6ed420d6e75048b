"""Certificates: issued within their body's scope alone, and what becomes of them."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.standards.domain.certificates import covered_until
from services.standards.domain.numbers import read_number
from services.standards.models import Certificate, CertificateRow, certificate_id
from shared.core.calendar import day_of, start_of
from shared.replication.erasing import erase_texts
from shared.rules.periods import state_at
from tests.builders.cell import Cell
from tests.organisations.builders import uploaded
from tests.standards.certification import YEAR, accredited, acted, certificate_draft, grant_draft, issued
from tests.standards.given import given_certificate, given_recognition, given_standard, item, period

DAY = timedelta(days=1)
Thing = dict[str, Any]


@pytest.fixture
def standard(cell: Cell, sichuan: UUID) -> UUID:
    return given_standard(cell, sichuan)


@pytest.fixture
def body(cell: Cell, sichuan: UUID, standard: UUID) -> Thing:
    return accredited(cell, sichuan, standard)


def at(certificate: Thing) -> str:
    return f"/v1/certificates/{certificate['id']}"


def periods(certificate: Thing) -> list[dict[str, str]]:
    return [{"state": period["state"], "from": period["from"]} for period in certificate["spells"]]


def refused(cell: Cell, tenant: UUID, draft: Thing) -> tuple[int, str, Thing]:
    answer = cell.client(tenant).post("/v1/certificates", draft)
    return answer.status_code, answer.json["code"], answer.json


def test_an_issued_certificate_has_a_number_of_its_home_and_is_known_to_every_tenant(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID, body: Thing
) -> None:
    made = issued(cell, sichuan, body, standard=standard)
    number = read_number(made["number"])
    assert number is not None
    assert made["id"] == str(certificate_id(sichuan, made["number"]))
    shown = cell.client(chongqing).get(at(made)).json
    assert (shown["state"], shown["products"], shown["allowed_actions"]) == ("valid", made["products"], [])
    found = cell.client(chongqing).get(f"/v1/certificates?number={made['number'].lower()}").json["items"]
    assert [item["id"] for item in found] == [made["id"]]
    wrong = made["number"][:-1] + ("2" if made["number"][-1] != "2" else "3")
    assert cell.client(chongqing).get(f"/v1/certificates?number={wrong}").status_code == 422
    assert cell.client(chongqing).get(f"/v1/certificates?standard={standard}").json["items"] == []
    allowed = cell.client(sichuan).get(at(made)).json["allowed_actions"]
    assert allowed == ["publish_holder", "replace", "revoke", "suspend"]


def test_ones_own_certificates_are_found_by_state_standard_body_holder_and_number(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    first, second = (issued(cell, sichuan, body, standard=standard) for _each in range(2))
    acted(cell, sichuan, f"{at(second)}/suspend", body={"reason": "复查"})
    client = cell.client(sichuan)

    def found(query: str) -> list[str]:
        return [item["id"] for item in client.get(f"/v1/certificates?{query}").json["items"]]

    assert found("") == found(f"standard={standard}") == found(f"body={body['id']}") == [second["id"], first["id"]]
    assert found("state=suspended") == [second["id"]]
    assert found(f"holder={first['holder']['code']}") == [first["id"]]
    number = first["number"]
    unhyphened = number[:-19] + number[-19:].replace("-", "")
    for asked in (number, unhyphened, number[:-5], number[-19:-3], number[-14:].lower(), number[-14:-9]):
        assert found(f"q={asked}") == [first["id"]], asked
    assert found(f"q={number[:-15].lower()}") == [second["id"], first["id"]]
    for asked in (number[-9:-2], "华瑞", "~~~", "-"):
        assert found(f"q={asked}") == [], asked


@pytest.mark.parametrize(
    ("grant", "said", "code"),
    [
        ({"product_classes": ["C22"]}, "机构未获认可:产品类别 C2110", "accreditation_not_for_products"),
        ({"methods": ["GB/T 1"]}, "机构未获认可:检验方法 GB/T 35607", "accreditation_not_for_methods"),
        ({"valid_from": "2100-01-01", "valid_to": "2101-01-01"}, "机构的认可今天不在有效期内",
         "accreditation_expired"),
    ],
)  # fmt: skip
def test_outside_the_bodys_scope_nothing_is_issued_and_the_missing_item_is_named(
    cell: Cell, sichuan: UUID, standard: UUID, grant: Thing, said: str, code: str
) -> None:
    body = accredited(cell, sichuan, standard, grants=[grant_draft(cell, standard, **grant)])
    status, found, answer = refused(cell, sichuan, certificate_draft(cell, body["id"], standard=standard))
    assert (status, found) == (409, code)
    assert said in answer["message"]["zh"]


def test_what_only_several_grants_cover_together_is_refused(cell: Cell, sichuan: UUID, standard: UUID) -> None:
    grants = [grant_draft(cell, standard, product_classes=[one]) for one in ("C21", "C22")]
    body = accredited(cell, sichuan, standard, grants=grants)
    products = [{"class": "C2110", "name": "木质家具"}, {"class": "C2231", "name": "纸制品"}]
    draft = certificate_draft(cell, body["id"], standard=standard, products=products)
    _status, code, answer = refused(cell, sichuan, draft)
    assert code == "accreditation_not_for_products"
    assert "C2110、C2231(须在同一项认可之内)" in answer["message"]["zh"]
    mended = acted(cell, sichuan, f"/v1/bodies/{body['id']}/extend",
                   body=grant_draft(cell, standard, product_classes=["C21", "C2231"]))  # fmt: skip
    assert issued(cell, sichuan, mended, standard=standard, products=products)["state"] == "valid"


GRANTS = [("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31"), ("2028-01-02", "2029-12-31")]


@pytest.mark.parametrize(
    ("since", "last"),
    [("2026-06-01", "2027-12-31"), ("2027-12-31", "2027-12-31"), ("2028-01-01", None), ("2028-01-02", "2029-12-31")],
)
def test_grants_cover_a_certificate_as_far_as_they_join(since: str, last: str | None) -> None:
    certificate = {"standard_id": UUID(int=1), "products": [{"class": "C2110"}], "methods": []}
    grants = [
        {"standards": [str(UUID(int=1))], "product_classes": [], "methods": [], "valid_from": begins, "valid_to": ends}
        for begins, ends in GRANTS
    ]
    other = {**grants[0], "standards": [str(UUID(int=2))], "valid_to": "2099-12-31"}
    found = covered_until([other, *grants], certificate, since=date.fromisoformat(since))
    assert found == (last and date.fromisoformat(last))


def test_a_certificate_cannot_outlast_its_bodys_accreditation_and_the_last_day_is_named(
    cell: Cell, sichuan: UUID, standard: UUID
) -> None:
    last = day_of(cell.clock.now()) + 30 * DAY
    body = accredited(cell, sichuan, standard, grants=[grant_draft(cell, standard, valid_to=str(last))])
    draft = certificate_draft(cell, body["id"], standard=standard, valid_to=str(last + DAY))
    status, code, answer = refused(cell, sichuan, draft)
    assert (status, code, answer["errors"][0]["pointer"]) == (409, "outlasts_accreditation", "/valid_to")
    assert str(last) in answer["message"]["zh"]
    made = issued(cell, sichuan, body, standard=standard, valid_to=str(last))
    replaced = cell.client(sichuan).post(f"{at(made)}/replace", {**draft, "holder": made["holder"]})
    assert (replaced.status_code, replaced.json["code"]) == (409, "outlasts_accreditation")
    acted(
        cell, sichuan, f"/v1/bodies/{body['id']}/extend", body=grant_draft(cell, standard, valid_from=str(last + DAY))
    )
    assert cell.client(sichuan).post(f"{at(made)}/replace", {**draft, "holder": made["holder"]}).status_code == 201


def test_nothing_is_issued_under_a_standard_the_body_has_no_grant_for_or_that_is_not_in_force(
    cell: Cell, sichuan: UUID, body: Thing
) -> None:
    foreign = given_standard(cell, sichuan, numbers=["DB51/T 虚-7"])
    _status, code, answer = refused(cell, sichuan, certificate_draft(cell, body["id"], standard=foreign))
    assert code == "accreditation_not_for_standard"
    assert "DB51/T 虚-7" in answer["message"]["zh"]
    ended = [{"state": "withdrawn", "from": "2020-01-01T00:00:00Z"}]
    past = given_standard(cell, sichuan, state="withdrawn", spells=ended)
    assert refused(cell, sichuan, certificate_draft(cell, body["id"], standard=past))[:2] == (
        409, "standard_not_in_force")  # fmt: skip
    unknown = certificate_draft(cell, body["id"], standard=UUID(int=5))
    assert refused(cell, sichuan, unknown)[:2] == (422, "standard_unknown")


def test_a_suspended_body_and_another_tenants_body_issue_nothing(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID, body: Thing
) -> None:
    draft = certificate_draft(cell, body["id"], standard=standard)
    assert refused(cell, chongqing, draft)[:2] == (422, "body_unknown")
    acted(cell, sichuan, f"/v1/bodies/{body['id']}/suspend", body={"reason": "抽查不合格"})
    assert refused(cell, sichuan, draft)[:2] == (409, "body_not_accredited")


def test_what_is_wrong_with_a_certificate_is_said_where(cell: Cell, sichuan: UUID, standard: UUID, body: Thing) -> None:
    today = day_of(cell.clock.now())

    def pointers(**changes: Any) -> list[str]:
        draft = certificate_draft(cell, body["id"], standard=standard, **changes)
        status, _code, answer = refused(cell, sichuan, draft)
        assert status == 422, answer
        return [item["pointer"] for item in answer["errors"]]

    assert pointers(valid_from=str(today - 31 * DAY)) == ["/valid_from"]
    assert pointers(valid_to=str(today)) == ["/valid_to"]
    assert pointers(valid_to=str(today + 11 * YEAR)) == ["/valid_to"]
    assert pointers(holder={"code": "1", "name_zh": "厂"}) == ["/holder/code"]
    assert pointers(products=[{"class": "2110", "name": "桌"}]) == ["/products/0/class"]
    assert pointers(based_on=["SICHUAN-2026-000000000000-0"]) == ["/based_on/0"]
    cited = {"sha256": "0" * 64, "name": "报告.pdf", "media_type": "application/pdf", "size": 3}
    assert pointers(report=[cited]) == ["/report/0"]


def test_a_certificate_cites_its_report_and_the_certificates_it_rests_on(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID, body: Thing
) -> None:
    basis = given_certificate(cell, chongqing, UUID(body["id"]), standard=standard)
    content = b"%PDF-1.7 report"
    name = uploaded(cell.client(sichuan), content, "application/pdf")
    cited = {"sha256": name, "name": "报告.pdf", "media_type": "application/pdf", "size": len(content)}
    made = issued(cell, sichuan, body, standard=standard, report=[cited], based_on=[basis.lower(), basis])
    assert (made["report"], made["based_on"]) == ([cited], [basis])


def test_many_are_issued_at_once_each_with_its_result(cell: Cell, sichuan: UUID, standard: UUID, body: Thing) -> None:
    drafts = [certificate_draft(cell, body["id"], standard=standard) for _each in range(3)]
    drafts[1]["products"][0]["class"] = "nothing"
    answer = cell.client(sichuan).post("/v1/certificates/bulk/issue", {"items": drafts}).json
    assert [item["status"] for item in answer["results"]] == [201, 422, 201]
    assert len(cell.client(sichuan).get(f"/v1/certificates?body={body['id']}").json["items"]) == 2


def test_a_revocation_may_count_from_an_earlier_day_and_its_correction_brings_back_what_it_overwrote(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    made = issued(cell, sichuan, body, standard=standard)
    issued_on = day_of(cell.clock.now())
    cell.clock.advance(2 * DAY)
    acted(cell, sichuan, f"{at(made)}/suspend", body={"reason": "复查"})
    suspended_at = cell.clock.now()
    cell.clock.advance(2 * DAY)
    again = acted(cell, sichuan, f"{at(made)}/reinstate")
    cell.clock.advance(2 * DAY)
    wrong = {"reason": "造假", "since": str(issued_on - DAY)}
    assert cell.client(sichuan).post(f"{at(made)}/revoke", wrong).json["errors"][0]["pointer"] == "/since"
    future = {"reason": "造假", "since": str(issued_on + 30 * DAY)}
    assert cell.client(sichuan).post(f"{at(made)}/revoke", future).status_code == 422
    revoked = acted(cell, sichuan, f"{at(made)}/revoke", body={"reason": "造假", "since": str(issued_on)})
    assert [period["state"] for period in revoked["spells"]] == ["revoked"]
    assert datetime.fromisoformat(revoked["spells"][0]["from"]) == start_of(issued_on)
    cell.clock.advance(DAY)
    right = acted(cell, sichuan, f"{at(made)}/restore", body={"reason": "误撤"})
    assert (right["state"], right["spells"]) == ("valid", again["spells"])
    assert state_at(periods(right), suspended_at) == "suspended"


def test_without_a_day_a_revocation_counts_from_now_on(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID, body: Thing
) -> None:
    made = issued(cell, sichuan, body, standard=standard)
    cell.clock.advance(DAY)
    before = cell.clock.now()
    revoked = acted(cell, sichuan, f"{at(made)}/revoke", body={"reason": "抽查不合格"})
    assert state_at(periods(revoked), before - DAY / 2) == "valid"
    shown = cell.client(chongqing).get(at(made)).json
    assert (shown["state"], shown["reason"]) == ("revoked", None)
    again = cell.client(sichuan).post(f"{at(made)}/suspend", {"reason": "x"})
    assert (again.status_code, again.json["code"]) == (409, "action_not_allowed")


def test_a_replacement_takes_the_place_of_the_old_one_in_one_act(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    old = issued(cell, sichuan, body, standard=standard)
    outside = certificate_draft(cell, body["id"], standard=UUID(int=7))
    assert cell.client(sichuan).post(f"{at(old)}/replace", outside).status_code == 422
    assert cell.client(sichuan).get(at(old)).json["state"] == "valid"
    draft = certificate_draft(cell, body["id"], standard=standard, holder=old["holder"])
    new = acted(cell, sichuan, f"{at(old)}/replace", body=draft)
    shown = cell.client(sichuan).get(at(old)).json
    assert (shown["state"], shown["replaced_by"], shown["allowed_actions"]) == ("replaced", new["number"], [])
    assert (new["state"], new["replaces"]) == ("valid", old["number"])


def test_a_replacement_is_for_the_same_holder_and_valid_at_once(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    old = issued(cell, sichuan, body, standard=standard)
    later = str(day_of(cell.clock.now()) + 300 * DAY)
    draft = certificate_draft(cell, body["id"], standard=standard, valid_from=later)
    answer = cell.client(sichuan).post(f"{at(old)}/replace", draft)
    assert (answer.status_code, answer.json["code"]) == (422, "replacement_wrong")
    assert [item["pointer"] for item in answer.json["errors"]] == ["/holder/code", "/valid_from"]
    assert cell.client(sichuan).get(at(old)).json["state"] == "valid"


def test_under_anothers_standard_only_what_would_count_at_home_is_issued(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    foreign = given_standard(cell, chongqing, numbers=["DB50/T 虚-7"])
    body = accredited(cell, sichuan, foreign)
    draft = certificate_draft(cell, body["id"], standard=foreign)
    status, code, answer = refused(cell, sichuan, draft)
    assert (status, code) == (409, "standard_not_recognised")
    assert "DB50/T 虚-7" in answer["message"]["zh"]
    listed = item(foreign, cell.clock.now() - YEAR, accepts="standard", extra_tests=["GB/T 9"])
    given_recognition(cell, sichuan, chongqing, standard=foreign, items=[listed])
    assert "缺少互认要求的补充检测" in refused(cell, sichuan, draft)[2]["message"]["zh"]
    made = issued(cell, sichuan, body, standard=foreign, methods=["GB/T 9"])
    asked = cell.client(sichuan).get("/v1/recognitions/check", query_string={"certificate": made["number"]}).json
    assert asked["counts"]


def test_a_recognition_from_the_first_day_on_is_enough(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    foreign, tomorrow = given_standard(cell, chongqing), day_of(cell.clock.now()) + DAY
    body = accredited(cell, sichuan, foreign)
    since = start_of(tomorrow)
    given_recognition(cell, sichuan, chongqing, standard=foreign, items=[item(foreign, since)], state="agreed",
                      spells=[period("agreed", cell.clock.now()), period("in_force", since)])  # fmt: skip
    draft = certificate_draft(cell, body["id"], standard=foreign)
    assert refused(cell, sichuan, draft)[:2] == (409, "standard_not_recognised")
    assert issued(cell, sichuan, body, standard=foreign, valid_from=str(tomorrow))["state"] == "valid"


def test_the_holders_name_stays_at_home_and_can_be_erased(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID, body: Thing
) -> None:
    made = issued(cell, sichuan, body, standard=standard)
    holder = {"name_zh": "虚构家具厂", "code": made["holder"]["code"], "organisation": None}
    given_recognition(cell, chongqing, sichuan, standard=standard)
    assert made["holder"] == cell.client(sichuan).get(at(made)).json["holder"] == holder
    assert cell.client(chongqing).get(at(made)).json["holder"] == {**holder, "name_zh": None}
    with cell.session(chongqing) as session:
        row = session.get_one(CertificateRow, UUID(made["id"]))
        assert "虚构家具厂" not in json.dumps(row.state, ensure_ascii=False) + row.entry.decode()
    with cell.session(sichuan) as session:
        erase_texts(
            session, UUID(made["id"]), digests=[session.one(Certificate, UUID(made["id"])).holder["name_digest"]]
        )
    assert cell.client(sichuan).get(at(made)).json["holder"] == {**holder, "name_zh": None}
    cell.run_timers()


def test_corrections_undo_one_act_after_another(cell: Cell, sichuan: UUID, standard: UUID, body: Thing) -> None:
    made = issued(cell, sichuan, body, standard=standard)
    states = []
    for step in ("suspend", "revoke", "restore", "restore", "suspend", "restore"):
        cell.clock.advance(DAY)
        states.append(acted(cell, sichuan, f"{at(made)}/{step}", body={"reason": "误操作"})["state"])
    assert states == ["suspended", "revoked", "suspended", "valid", "suspended", "valid"]
    assert cell.client(sichuan).get(at(made)).json["spells"] == made["spells"]


def test_a_certificate_that_expired_while_suspended_by_mistake_was_valid_until_then(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    last = day_of(cell.clock.now()) + 2 * DAY
    wrong, other = (issued(cell, sichuan, body, standard=standard, valid_to=str(last)) for _each in range(2))
    acted(cell, sichuan, f"{at(wrong)}/suspend", body={"reason": "误操作"})
    suspended_at = cell.clock.now()
    cell.clock.advance(5 * DAY)
    while cell.run_timers():
        cell.carry()
    right = acted(cell, sichuan, f"{at(wrong)}/restore", body={"reason": "更正"})
    assert (right["state"], right["allowed_actions"]) == ("expired", [])
    assert state_at(periods(right), suspended_at) == "valid"
    for one in (wrong, other):
        answer = cell.client(sichuan).post(f"{at(one)}/restore", {"reason": "更正"})
        assert (answer.status_code, answer.json["code"]) == (409, "nothing_to_restore")


def test_however_full_a_certificate_is_and_however_often_it_changed_it_can_be_revoked(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    products = [{"class": "C2110", "name": f"{number}" + "木" * 190} for number in range(50)]
    methods = [f"{number}" + "检" * 90 for number in range(50)]
    full = certificate_draft(cell, body["id"], standard=standard, products=products, methods=methods)
    assert issued(cell, sichuan, body, standard=standard, products=products)["state"] == "valid"
    report = [{"sha256": "0" * 64, "name": "名" * 190, "media_type": "application/pdf", "size": 3}] * 10
    assert refused(cell, sichuan, {**full, "report": report})[:2] == (422, "too_large")
    begun = cell.clock.now() - 250 * DAY
    often = [period(("valid", "suspended")[number % 2], begun + number * DAY) for number in range(201)]
    key = certificate_id(sichuan, given_certificate(cell, sichuan, UUID(body["id"]), standard=standard, spells=often))
    assert acted(cell, sichuan, f"/v1/certificates/{key}/revoke", body={"reason": "造假"})["state"] == "revoked"


def test_a_certificate_expires_at_the_end_of_its_last_day_however_late_the_timer(
    cell: Cell, sichuan: UUID, standard: UUID, body: Thing
) -> None:
    last = day_of(cell.clock.now()) + DAY
    made = issued(cell, sichuan, body, standard=standard, valid_to=str(last))
    acted(cell, sichuan, f"{at(made)}/revoke", body={"reason": "误操作"})
    cell.clock.advance(5 * DAY)
    cell.run_timers()
    assert cell.client(sichuan).get(at(made)).json["state"] == "revoked"
    acted(cell, sichuan, f"{at(made)}/restore", body={"reason": "更正"})
    cell.run_timers()
    cell.carry()
    shown = cell.client(sichuan).get(at(made)).json
    assert shown["state"] == "expired"
    assert datetime.fromisoformat(shown["spells"][-1]["from"]) == start_of(last + DAY)


def test_another_tenants_certificate_is_read_and_not_acted_upon(
    cell: Cell, sichuan: UUID, chongqing: UUID, standard: UUID, body: Thing
) -> None:
    made = issued(cell, sichuan, body, standard=standard)
    client = cell.client(chongqing)
    assert client.post(f"{at(made)}/revoke", {"reason": "x"}).status_code == 404
    assert client.get(f"{at(made)}/timeline").status_code == 404
    acted(cell, sichuan, f"{at(made)}/suspend", body={"reason": "复查"})
    entries = cell.client(sichuan).get(f"{at(made)}/timeline").json["items"]
    assert [entry["texts"] for entry in entries] == [{"reason": "复查"}, {"holder_name": "虚构家具厂"}]
    assert cell.client(sichuan).get(f"{at(made)}/delivery").status_code == 200
