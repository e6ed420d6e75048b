"""An organisation's people apply for a service by keyboard alone, from their cases to the number of a new one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.builders.browser import chromium
from tests.builders.cell import Cell
from tests.builders.identity import make_user, quick_hashing
from tests.builders.served import served
from tests.builders.windows import window
from tests.organisations.builders import registered
from tests.requests.given import SHEET, opened

FORM: list[dict[str, Any]] = [
    {"name": "amount", "label_zh": "融资金额", "kind": "number"},
    {"name": "begins_on", "label_zh": "开始日期", "kind": "date"},
    {"name": "purpose", "label_zh": "用途", "kind": "choice", "choices": ["设备", "研发"]},
]


def test_an_applicant_applies_by_keyboard_alone(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    opened(cell, chongqing, name_zh="融资协调", category="financing", sheet={**SHEET, "form": FORM, "materials": []})
    opened(cell, chongqing, name_zh="检测服务", category="testing")
    firm = registered(cell.client(sichuan))
    with quick_hashing(), served(cell) as url, chromium() as browser:
        person = make_user(cell, sichuan, "organisation_manager", organisation_id=UUID(firm["id"]))
        with window(browser, url, person, way="keyboard") as ours:
            ours.open("/console/my-cases")
            ours.press("main a[href='/console/requests/new']")
            ours.press("main nav.tabs a[href$='category=financing']")
            assert "检测服务" not in ours.text
            ours.press("main .offers a.button")
            assert ours.page.input_value("[name='/applicant']") == firm["name_zh"]
            ours.press("main button[value='begin']")
            assert "还缺 3 项" in ours.text
            ours.put("/answers/amount", "很多")
            ours.press("main button.large[value='check']")
            assert "请填写数字" in ours.text
            for name, value in {"amount": "300", "begins_on": "2027-03-01", "purpose": "研发"}.items():
                ours.put(f"/answers/{name}", value)
            ours.press("main button.large[value='check']")
            assert "核对后提交" in ours.text
            ours.press("main button.large[value='send']")
            number = ours.page.inner_text("main h1 + code")
            assert number == cell.client(sichuan).get("/v1/requests").json["items"][0]["number"]
            assert "已完成" in ours.text
            assert [line for line in ours.said if "status of 422" not in line] == []
    cell.carry()
    assert [one["number"] for one in cell.client(chongqing).get("/v1/requests").json["items"]] == [number]
