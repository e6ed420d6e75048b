"""Applying for a service at the console: chosen, filled in by the sheet of its item, checked, filed, and supplied."""

from __future__ import annotations

import io
import re
from typing import Any
from uuid import UUID

import pytest

from tests.builders.cell import Cell
from tests.builders.consoles import PAGE, Desk, hidden_of, read, text_of
from tests.builders.identity import make_user, quick_hashing
from tests.organisations.builders import registered
from tests.requests.given import REASON, SHEET, done, opened

NEW, CASES = "/console/requests/new", "/console/requests"
FORM = [
    {"name": "amount", "label_zh": "融资金额", "label_en": "Amount", "kind": "number"},
    {"name": "begins_on", "label_zh": "开始日期", "kind": "date", "required": False},
    {"name": "purpose", "label_zh": "用途", "kind": "choice", "choices": ["设备", "研发"]},
    {"name": "pledged", "label_zh": "有无抵押", "kind": "yes_no"},
]
PAPERS = [{"key": "accounts", "name_zh": "财务报表"}, {"key": "plan", "name_zh": "计划", "required": False}]


@pytest.fixture
def item(cell: Cell, chongqing: UUID) -> str:
    sheet = {**SHEET, "form": FORM, "materials": PAPERS, "fee": "不收费"}
    return opened(cell, chongqing, name_zh="融资协调", category="financing", audience="business", sheet=sheet)


def desk_of(cell: Cell, tenant: UUID, role: str, **draft: Any) -> Desk:
    with quick_hashing():
        return Desk(cell, make_user(cell, tenant, role, **draft))


def begun(desk: Desk, item: str, **fields: str) -> str:
    """The address of the form of an application that was begun."""
    url = f"{NEW}?item={item}"
    answer = desk.send(desk.get(url), url, do="begin", **fields)
    assert answer.status_code == 303, read(answer)
    return str(answer.headers["Location"])


def pressed(desk: Desk, url: str, button: str, **fields: Any) -> Any:
    """The form as it stands, with these fields filled in, and one button pressed."""
    page = desk.get(url)
    typed = re.findall(r'<input id="(/[^"]+)" name="[^"]+" type="text"[^>]* value="([^"]*)"', page.text)
    chosen = re.findall(r'type="radio" id="[^"]+" name="([^"]+)" value="([^"]+)" checked', page.text)
    given = {**dict(typed), **dict(chosen), **hidden_of(page, url), **fields, "do": button}
    return desk.browser.post(url, data=given, headers=PAGE)


def test_an_item_is_chosen_by_what_it_is_for_and_says_what_it_needs(cell: Cell, sichuan: UUID, item: str) -> None:
    opened(cell, sichuan, name_zh="居民身份证换领", category="certificate", audience="person")
    desk = desk_of(cell, sichuan, "official")
    assert "居民身份证换领" in text_of(desk.get(NEW))
    for narrowed in ("category=financing", "audience=business", "q=融资"):
        page = text_of(desk.get(f"{NEW}?{narrowed}"))
        assert "居民身份证换领" not in page
        for said in ("融资协调", "财务报表", "在线填写 3 项", "受理 5 个工作日", "决定 20 个工作日", "不收费"):
            assert said in page, said
    assert "没有符合的事项" in text_of(desk.get(f"{NEW}?q=没有这个"))
    page = desk.get(f"{NEW}?item={item}")
    assert "计划 (可不交)" in text_of(page).replace("\uff08", "(").replace("\uff09", ")")


def test_a_form_of_the_sheet_is_kept_checked_and_filed(cell: Cell, sichuan: UUID, chongqing: UUID, item: str) -> None:
    desk, firm = desk_of(cell, sichuan, "official"), registered(cell.client(sichuan))
    url = f"{NEW}?item={item}"
    wrong = desk.send(desk.get(url), url, do="begin", **{"/organisation": "没有这家", "/applicant": "某厂"})
    assert wrong.status_code == 422
    assert "没有找到" in read(wrong)
    place = begun(desk, item, **{"/organisation": firm["code"], "/applicant": "虚构家具厂"})
    assert "还缺 4 项" in text_of(desk.get(place))
    # What cannot be read is kept all the same, and named when it is checked.
    checked = pressed(desk, place, "check", **{"/answers/amount": "三百", "/answers/pledged": "no"})
    assert checked.status_code == 422
    said = read(checked)
    for fault in ("融资金额:请填写数字", "用途:", "财务报表:"):
        assert fault in said.replace("\uff1a", ":"), fault
    assert 'href="#/answers/amount"' in checked.text
    assert 'value="三百"' in desk.get(place).text
    kept = pressed(desk, place, "upload:/materials/accounts", **{
        "/answers/amount": "1,300.5", "/answers/begins_on": "2027年1月2日", "/answers/purpose": "设备",
        "upload:/materials/accounts": (io.BytesIO(b"accounts"), "报表.txt"),
    })  # fmt: skip
    assert (kept.status_code, kept.headers["Location"]) == (303, f"{place}#/materials/accounts")
    page = desk.get(place)
    assert "报表.txt" in text_of(page)
    assert "都已填写" in text_of(page)
    looked_at = pressed(desk, place, "check")
    assert "核对后提交" in text_of(looked_at)
    assert "2027-01-02" in text_of(looked_at)
    assert 'name="do" value="send"' in looked_at.text
    assert "1300.5" in text_of(looked_at)
    filed = desk.send(looked_at, place, do="send")
    assert filed.status_code == 303, read(filed)
    cell.carry()
    key = place.split("/")[3]
    case = cell.client(chongqing).get(f"/v1/requests/{key}").json
    answers = {one["name"]: one["value"] for one in case["answers"]}
    assert answers == {"amount": "1300.5", "begins_on": "2027-01-02", "purpose": "设备", "pledged": "no"}
    assert [(one["material"], one["name"]) for one in case["materials"]] == [("accounts", "报表.txt")]
    assert case["number"] in text_of(desk.get(f"{CASES}/{key}"))
    assert desk.get(place).status_code == 303


def test_what_was_asked_for_is_marked_and_supplied_on_the_same_form(
    cell: Cell, sichuan: UUID, chongqing: UUID, item: str
) -> None:
    desk, firm = desk_of(cell, sichuan, "official"), registered(cell.client(sichuan))
    place = begun(desk, item, **{"/organisation": firm["code"], "/applicant": "虚构家具厂"})
    filled = {"/answers/amount": "1", "/answers/purpose": "研发", "/answers/pledged": "yes",
              "upload:/materials/accounts": (io.BytesIO(b"a"), "a.txt")}  # fmt: skip
    assert desk.send(pressed(desk, place, "check", **filled), place, do="send").status_code == 303
    cell.carry()
    case = place.removesuffix("/application").replace("/console/", "/v1/")
    done(cell, chongqing, case, "return", missing=["plan"], **REASON)
    page = desk.get(place)
    assert "须补正" in text_of(page)
    assert "还缺 1 项" in text_of(page)
    assert desk.get(f"{place.removesuffix('/application')}/do/supplement").headers["Location"] == place
    uploaded = pressed(desk, place, "upload:/materials/plan", **{
        "upload:/materials/plan": (io.BytesIO(b"b"), "b.txt"),
    })  # fmt: skip
    assert "b.txt" in text_of(uploaded)
    checked = desk.send(uploaded, place, do="check", **{"/applicant": "虚构家具厂", **{
        name: value for name, value in filled.items() if isinstance(value, str)
    }})  # fmt: skip
    assert desk.send(checked, place, do="send").status_code == 303
    cell.carry()
    supplied = cell.client(chongqing).get(case).json
    assert (supplied["state"], [one["material"] for one in supplied["materials"]]) == ("filed", ["accounts", "plan"])


def test_what_somebody_else_changed_meanwhile_is_said_and_nothing_typed_is_lost(
    cell: Cell, sichuan: UUID, item: str
) -> None:
    desk, firm = desk_of(cell, sichuan, "official"), registered(cell.client(sichuan))
    place = begun(desk, item, **{"/organisation": firm["code"], "/applicant": "虚构家具厂"})
    old = hidden_of(desk.get(place), place)["etag"]
    assert pressed(desk, place, "save", **{"/answers/amount": "1"}).status_code == 303
    late = pressed(desk, place, "save", etag=old, **{"/answers/amount": "2"})
    assert late.status_code == 422
    assert "已被修改" in read(late)
    assert 'value="2"' in late.text


def test_people_of_an_organisation_apply_for_their_own_and_see_no_other(cell: Cell, sichuan: UUID, item: str) -> None:
    firm, other = registered(cell.client(sichuan)), registered(cell.client(sichuan))
    desk = desk_of(cell, sichuan, "organisation_manager", organisation_id=UUID(firm["id"]))
    neighbour = desk_of(cell, sichuan, "organisation_manager", organisation_id=UUID(other["id"]))
    page = desk.get(f"{NEW}?item={item}")
    assert 'name="/organisation"' not in page.text
    place = begun(desk, item, **{"/applicant": "本厂"})
    assert "本厂" in text_of(desk.get(NEW))
    assert "本厂" not in text_of(neighbour.get(NEW))
    assert neighbour.get(place).status_code == 404
