"""Standards drafted, commented, signed, compared and merged, and recognitions agreed to, over the console's forms."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.builders.cell import Cell
from tests.builders.consoles import Desk, sent, text_of
from tests.builders.identity import make_user
from tests.standards.drafting import line, number, today
from tests.standards.given import given_standard

LINE = {"clause": "5.1", "parameter": "甲醛释放量", "comparison": "<=", "limit": "0.124", "unit": "mg/m³"}


@pytest.fixture
def officer(cell: Cell, sichuan: UUID) -> Desk:
    return Desk(cell, make_user(cell, sichuan, "official", "signatory"))


@pytest.fixture
def partner(cell: Cell, chongqing: UUID) -> Desk:
    return Desk(cell, make_user(cell, chongqing, "official", "signatory"))


def test_two_jurisdictions_draft_consult_answer_and_sign_a_standard(
    cell: Cell, officer: Desk, partner: Desk, sichuan: UUID, chongqing: UUID
) -> None:
    fields = {
        "/kind": "local", "/title_zh": "家具中甲醛释放量限值", "/subject": "家具", f"/issuers/{sichuan}": "true",
        f"/issuers/{chongqing}": "true", "/effective_from": today(cell, 30),
    }  # fmt: skip
    sheet = {f"/sheet/0/{name}": value for name, value in LINE.items()}
    there = sent(officer, "/console/projects/new", **fields, **sheet).partition("?")[0]
    sent(officer, f"{there}/do/revise", **{"/title_zh": "家具中甲醛释放量"})
    assert "甲醛释放量" in text_of(officer.get(there))
    sent(officer, f"{there}/do/consult", **{"/closes_on": today(cell, 3)})
    sent(partner, f"{there}/do/comment", **{"/text": "限值宜从严", "/clause": "5.1"})
    tab = officer.get(f"{there}?tab=comments")
    comment = re.findall(r'href="(/console/comments/[^"/]+/[^"]+)"', tab.text)[0]
    assert "限值宜从严" in text_of(officer.get(comment))
    sent(officer, f"{comment}/do/answer", **{"/verdict": "accepted", "/answer": "已采纳"})
    assert "已采纳" in text_of(officer.get(comment))
    shown = cell.client(sichuan).get(f"/v1/projects/{there.rpartition('/')[2]}").json
    public = f"/v1/public/consultations/{shown['consultation']}/comments"
    said = cell.app.test_client().post(public, json={"text": "好"})
    assert said.status_code == 201, said.json
    cell.carry()
    sent(officer, f"{there}/do/answer_comments", **{"/verdict": "partly", "/answer": "部分采纳"})
    assert "部分采纳" in text_of(officer.get(f"{there}?tab=comments"))


def test_a_text_is_numbered_presented_and_signed_as_it_lies_on_the_table(
    cell: Cell, officer: Desk, sichuan: UUID
) -> None:
    fields = {
        "/kind": "local", "/title_zh": "家具通用要求", "/subject": "家具", f"/issuers/{sichuan}": "true",
        "/effective_from": today(cell),
    }  # fmt: skip
    sheet = {f"/sheet/0/{name}": value for name, value in LINE.items()}
    there = sent(officer, "/console/projects/new", **fields, **sheet).partition("?")[0]
    called = number()
    sent(officer, f"{there}/do/number", **{"/number": called, "/project": "P-1"})
    sent(officer, f"{there}/do/present")
    assert re.search(r'type="hidden" id="/content_hash"', officer.get(f"{there}/do/sign").text)
    sent(officer, f"{there}/do/sign")
    assert called in text_of(officer.get(f"/console/standards?number={called}"))


def test_two_standards_are_compared_and_merged_line_by_line(cell: Cell, officer: Desk, sichuan: UUID) -> None:
    lines = [line(), line("抗压强度", ">=", "50", unit="MPa"), line("外观", "text", "无裂纹", unit=None)]
    others = [line(limit="0.080"), line("抗压强度", ">=", "50", unit="MPa"), line("外观", "text", "平整", unit=None)]
    left, right = (given_standard(cell, sichuan, subject="家具", sheet=sheet) for sheet in (lines, others))
    there = f"/console/standards/compare?left={left}&right={right}"
    page = officer.get(there)
    assert "右侧更严 1" in text_of(page)
    assert "抗压强度" in text_of(page)
    assert "抗压强度" not in text_of(officer.get(f"{there}&only=1"))
    merging = f"/console/projects/new/merged?left={left}&right={right}"
    assert merging.replace("&", "&amp;") in page.text
    place = merging.partition("?")[0]
    page = officer.send(officer.get(merging), place, **{"/left": str(left), "/right": str(right)}, do="send")
    page = officer.send(page, place, **{"/left": str(left), "/right": str(right), "/rule": "strictest"}, do="send")
    assert page.status_code == 422
    assert 'id="/choices/外观"' in page.text
    asked = {"/left": str(left), "/right": str(right), "/rule": "strictest", "/choices/外观": "right"}
    page = officer.send(page, place, **asked, do="send")
    assert page.status_code == 303, page.text
    cell.carry()
    made = page.headers["Location"].partition("?")[0]
    key = made.rpartition("/")[2]
    assert f"left={left}&amp;right={right}&amp;project={key}" in officer.get(made).text
    merged = officer.get(f"{there}&project={key}").text
    assert merged.count("取自") == 2


def test_a_recognition_is_proposed_objected_to_answered_agreed_renewed_and_ended(
    cell: Cell, officer: Desk, partner: Desk, chongqing: UUID
) -> None:
    standard = given_standard(cell, chongqing)
    called = cell.client(chongqing).get(f"/v1/standards/{standard}").json["numbers"][0]
    fields = {
        "/recognised": str(chongqing), "/mutual": "true", "/title_zh": "家具检测互认", "/items/0/standard": called,
        "/items/0/accepts": "certificates", "/items/0/product_classes": "C2110\nC2190",
    }  # fmt: skip
    there = sent(officer, "/console/recognitions/new", **fields).partition("?")[0]
    sent(partner, f"{there}/do/object", **{"/reason": "清单过宽", "/days": "10"})
    sent(officer, f"{there}/do/answer", **{"/objection": "1", "/answer": "已说明"})
    for desk in (officer, partner):
        sent(desk, f"{there}/do/agree")
    text = text_of(officer.get(there))
    assert "生效" in text
    assert called in text
    edition = officer.get(f"{there}/do/propose_edition")
    assert f"[{called}]" in edition.text
    sent(officer, f"{there}/do/suspend", **{"/reason": "抽检不合格"})
    sent(officer, f"{there}/do/resume")
    sent(officer, f"{there}/do/end", **{"/reason": "期满"})
    assert "已终止" in text_of(partner.get(there))
