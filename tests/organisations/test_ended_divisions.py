"""Divisions that have ended: refused for what is new, found under their successors for what is there."""

from __future__ import annotations

from sqlalchemy import update

from services.organisations.models import Organisation
from tests.organisations.builders import as_csv, credit_code, draft, imported, registered

ALL = "/v1/organisations"
ENDED, HEIRS, STRANGER = "500112", ("500157", "500109", "500000"), "510000"


def test_a_new_organisation_names_a_division_of_today(cell, chongqing):
    official = cell.client(chongqing)
    answer = official.post(ALL, draft(division=ENDED))
    assert (answer.status_code, answer.json["code"]) == (422, "division_ended")
    assert answer.json["errors"][0]["pointer"] == "/division"
    for text in answer.json["message"].values():
        assert "2025" in text
        assert "500157" in text
        assert "500109" in text
    made = registered(official, division="500157")
    answer = official.patch(f"{ALL}/{made['id']}", {"division": ENDED})
    assert answer.json["code"] == "division_ended"


def test_an_import_names_the_successors_in_the_row(cell, chongqing):
    official = cell.client(chongqing)
    row = {"code": credit_code(), "name_zh": "甲厂", "kind": "企业", "division": ENDED}
    done = imported(cell, official, as_csv([row]))
    (found,) = official.get(f"{ALL}/imports/{done['id']}/errors").json["items"]
    (error,) = found["errors"]
    assert (error["column"], error["code"]) == ("division", "division_ended")
    assert "两江新区 (500157)" in str(error)


def test_one_registered_before_the_reform_is_found_under_its_successors_and_may_be_revised(cell, chongqing):
    official = cell.client(chongqing)
    made = registered(official, division="500157", name_zh="渝北旧厂")
    with cell.session(chongqing) as session:
        session.execute(update(Organisation).values(division=ENDED))
    for question in ("", "q=渝北旧厂&"):
        for heir in (*HEIRS, ENDED):
            found = official.get(f"{ALL}?{question}division={heir}").json["items"]
            assert [one["id"] for one in found] == [made["id"]], (question, heir)
        assert official.get(f"{ALL}?{question}division={STRANGER}").json["items"] == []
    answer = official.patch(f"{ALL}/{made['id']}", {"division": ENDED, "name_en": "Old works"})
    assert (answer.status_code, answer.json["name_en"]) == (200, "Old works")


def test_an_organisation_lies_in_the_tenant_that_registers_it(cell):
    tenant = cell.tenant("chongqing", division_codes=["500000"])
    official = cell.client(tenant)
    answer = official.post(ALL, draft(division="511600"))
    assert (answer.status_code, answer.json["code"]) == (422, "division_elsewhere")
    assert answer.json["errors"][0]["pointer"] == "/division"
    made = registered(official, division="500157")
    moved = official.patch(f"{ALL}/{made['id']}", {"division": "511600"})
    assert moved.json["code"] == "division_elsewhere"
    new = {"code": credit_code(), "name_zh": "甲厂", "kind": "企业", "division": "511600"}
    here = {"code": made["code"], "name_zh": made["name_zh"], "kind": "企业", "division": "500157"}
    done = imported(cell, official, as_csv([new, here]))
    assert (done["refused"], done["unchanged"]) == (1, 1)
    (found,) = official.get(f"{ALL}/imports/{done['id']}/errors").json["items"]
    assert [(error["column"], error["code"]) for error in found["errors"]] == [("division", "division_elsewhere")]
