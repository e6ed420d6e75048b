"""A number from paper is the same number however it is written, where it is kept and where it is asked for."""

# ruff: noqa: RUF001 - characters that look like others are what is tested here

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from tests.builders.cell import Cell
from tests.shared.test_identifiers import wide
from tests.standards.certification import accredited, body_draft, certificate_draft
from tests.standards.dependants import citations, found, key_of, qualified, stop
from tests.standards.drafting import Drafting, number, released
from tests.standards.drafting import found as standards_found
from tests.standards.given import given_body, given_certificate, given_standard

PERSON = "510105209912310007"
"""A made-up citizen's number, of somebody to be born in 2099."""


@pytest.fixture
def standard(cell: Cell, chongqing: UUID) -> UUID:
    return given_standard(cell, chongqing)


@pytest.fixture
def certificate(cell: Cell, chongqing: UUID, standard: UUID) -> str:
    return given_certificate(cell, chongqing, given_body(cell, chongqing, standard), standard=standard)


def alike(text: str) -> list[str]:
    written = [text.replace("-", dash) for dash in ("\u2011", "–", "——")]
    return [*written, wide(text), f"\ufeff{text}", f"{text}。", text.lower(), f"“{text}”"]


def test_anybody_finds_a_certificate_by_what_stands_on_paper(cell: Cell, certificate: str) -> None:
    client = cell.app.test_client()
    tail = certificate[-14:-2]
    for typed in [*alike(certificate), certificate.replace(tail, tail.replace("0", "O").replace("1", "l"))]:
        told = client.get(f"/v1/public/certificates/{quote(typed, safe='')}")
        assert (told.status_code, told.json["number"]) == (200, certificate), typed
        assert client.get(f"/c/{quote(typed, safe='')}").status_code == 200, typed


@pytest.mark.parametrize("path", ["/c/{}", "/c/{}/", "/c/x/", "/c/"])
def test_a_browser_gets_a_page_whatever_it_asks_for(cell: Cell, certificate: str, path: str) -> None:
    answer = cell.app.test_client().get(path.format(certificate), follow_redirects=True)
    assert answer.mimetype == "text/html"
    assert answer.status_code == (200 if "{}" in path else 404)


def test_a_qualification_kept_on_another_dash_falls_with_its_certificate(
    cell: Cell, sichuan: UUID, chongqing: UUID, certificate: str
) -> None:
    key = qualified(cell, sichuan, certificate.replace("-", "—").lower() + "。")
    assert citations(cell, sichuan) == {(f"certificate:{certificate}", "organisations.organisation")}
    stop(cell, chongqing, key_of(chongqing, certificate), how="suspended")
    assert [item["dependant"] for item in found(cell, sichuan)] == [key]


def test_a_certificate_based_on_another_names_it_as_it_is(
    cell: Cell, sichuan: UUID, chongqing: UUID, certificate: str, standard: UUID
) -> None:
    body = given_body(cell, chongqing, standard)
    draft = certificate_draft(cell, str(body), standard=standard, based_on=[wide(certificate), certificate])
    made = cell.client(chongqing).post("/v1/certificates", draft)
    assert (made.status_code, made.json["based_on"]) == (201, [certificate])


def test_a_check_reads_the_number_as_it_is_written_and_rubbish_counts_nowhere(
    cell: Cell, sichuan: UUID, certificate: str
) -> None:
    client = cell.client(sichuan)
    items = [{"certificate": typed} for typed in [*alike(certificate), "nothing"]]
    results = client.post("/v1/recognitions/checks", {"items": items}).json["results"]
    assert [item["certificate"] for item in results] == [certificate] * (len(items) - 1) + ["nothing"]
    assert results[-1]["counts"] is False


def test_a_standards_number_is_taken_once_whatever_its_dash(cell: Cell, sichuan: UUID) -> None:
    mine = number().upper()
    first = Drafting(cell, sichuan)
    first.open()
    first.numbers[sichuan] = mine.replace("-", "—")
    first.present()
    assert first.conclude()["numbers"] == [mine]
    client = cell.client(sichuan)
    for typed in alike(mine):
        assert len(standards_found(client, number=typed)) == 1, typed
    second = Drafting(cell, sichuan)
    second.open()
    again = second.post(sichuan, "/number", {"number": wide(mine), "project": "川市监［２０２６］12号"})
    assert (again["status"], again["code"]) == (409, "number_taken")


def test_standards_and_bodies_are_found_in_any_width_order_and_writing(cell: Cell, sichuan: UUID) -> None:
    made = released(cell, sichuan, title_zh="木家具（高竹）甲醛限量 第2部分", subject="木家具")
    body = accredited(cell, sichuan, UUID(made["id"]), name_zh="廣安檢測中心", name_en="Guang'an Testing")
    cell.carry()
    client = cell.client(sichuan)
    for question in ("甲醛 木家具", "(高竹)甲醛", "限量 高竹", made["numbers"][0].lower()):
        assert made["id"] in [item["id"] for item in standards_found(client, q=question)], question
    assert made["id"] in [item["id"] for item in standards_found(client, subject=" 木家具 ")]
    for question in ("广安检测", "檢測 广安", "TESTING guangan", "ｔｅｓｔｉｎｇ"):
        items = client.get("/v1/bodies", query_string={"q": question}).json["items"]
        assert body["id"] in [item["id"] for item in items], question


@pytest.mark.parametrize("typed", [PERSON, wide(PERSON), f"{PERSON[:6]} {PERSON[6:]}"])
def test_a_citizens_number_becomes_no_body_and_no_holder(
    cell: Cell, chongqing: UUID, standard: UUID, typed: str
) -> None:
    client = cell.client(chongqing)
    body = given_body(cell, chongqing, standard)
    holder: dict[str, Any] = {"code": typed, "name_zh": "试"}
    answers = [
        client.post("/v1/bodies", body_draft(cell, standard, code=typed)),
        client.post("/v1/certificates", certificate_draft(cell, str(body), standard=standard, holder=holder)),
        client.get("/v1/bodies", query_string={"code": typed}),
        client.get("/v1/certificates", query_string={"holder": typed}),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert "公民身份号码" in answer.text
        assert PERSON not in answer.text
        assert typed not in answer.text
