"""Forms as people fill them in: everything that is wrong is said at once and by name, and nothing typed is lost."""

from __future__ import annotations

from uuid import UUID

import pytest

from shared.text.folding import narrow
from tests.builders.cell import Cell
from tests.builders.consoles import Desk, read, sent, text_of
from tests.builders.identity import make_user
from tests.builders.officials import drafted

NEW = "/console/parks/new"
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
"""To the signs that a Chinese keyboard types in full width."""


@pytest.fixture
def official(cell: Cell, sichuan: UUID) -> Desk:
    return Desk(cell, make_user(cell, sichuan, "official"))


@pytest.fixture
def fields(sichuan: UUID, chongqing: UUID) -> dict[str, str]:
    """A park that the API takes."""
    parties = {f"/parties/{at}/tenant": str(one) for at, one in enumerate((sichuan, chongqing))}
    roles = {f"/parties/{at}/role": "partner" for at in (0, 1)}
    return {"/name_zh": "川渝新区", "/kind": "joint", **parties, **roles}


def test_what_is_wrong_is_said_before_it_is_checked_all_at_once_and_by_name(
    official: Desk, fields: dict[str, str]
) -> None:
    wrong = {"/name_zh": "", "/area_km2": "12a km²", "/starts_on": "明天", "/parties/1/role": "", "/location": "99"}
    page = official.send(official.get(NEW), NEW, **{**fields, **wrong}, do="check")
    assert page.status_code == 422
    text = narrow(read(page))
    for said in (
        "园区名称:必填,请补充",
        "面积:请写成普通十进制数",
        "起始日:必须是日期",
        "参与方 2 · 参与角色:必填,请补充",
    ):
        assert said in text
    assert "英文名称:" not in text
    alone = {**fields, "/parties/1/tenant": "", "/parties/1/role": ""}
    page = official.send(page, NEW, **alone, **{"/area_km2": "", "/starts_on": "", "/location": ""}, do="check")
    assert "参与方:应有 2 至 40 项" in narrow(read(page))


def test_shares_that_do_not_add_up_are_said_in_per_cent_before_they_are_sent(
    cell: Cell, official: Desk, sichuan: UUID, chongqing: UUID
) -> None:
    there = f"{drafted(cell, sichuan, chongqing).replace('/v1/', '/console/')}/do/propose"
    ratios = {f"/terms/shares/0/ratios/{sichuan}": "30", f"/terms/shares/0/ratios/{chongqing}": "60"}
    page = official.send(official.get(there), there, **ratios, do="check")
    text = narrow(read(page))
    for said in ("合计 90 %,应为 100 %", "退出约定 · 中文内容:必填,请补充", "协议条款 · 基期年份:必填,请补充"):
        assert said in text


def test_what_was_typed_is_kept_by_the_very_press_that_says_so(official: Desk, fields: dict[str, str]) -> None:
    place = f"{NEW}?from=test"
    page = official.send(official.get(NEW), NEW, **fields, do="check")
    assert "川渝新区" in text_of(page)
    back = official.get(place)
    assert 'name="/name_zh" type="text" value="川渝新区"' in back.text
    assert 'name="/parties/1/tenant"' in back.text
    # With the place on the page to which it leads back; what the Enter key presses takes nothing off.
    assert f'value="add:/parties" formaction="{NEW}#/parties/2/tenant"' in back.text
    assert back.text.index('name="do" value="check"') < back.text.index('name="do" value="remove:')
    official.send(back, NEW, **{**fields, "/name_zh": "川渝二区"}, do="add:/parties")
    assert 'value="川渝二区"' in official.get(NEW).text
    assert "Draft a park" in text_of(official.get("/console?lang=en"))


def test_numbers_and_days_are_taken_in_full_width_and_as_people_write_them(
    cell: Cell, official: Desk, sichuan: UUID, fields: dict[str, str]
) -> None:
    typed = {"/area_km2": "1,262.5", "/starts_on": "2027年1月1日", "/ends_on": "2036/12/31", "/location": "511623"}
    fields |= {name: text.translate(WIDE) for name, text in typed.items()}
    made = sent(official, NEW, **fields).partition("?")[0]
    park = cell.client(sichuan).get(made.replace("/console/", "/v1/")).json
    assert [park[name.removeprefix("/")] for name in typed] == ["1262.5", "2027-01-01", "2036-12-31", "511623"]


def test_a_new_park_begins_with_ones_own_jurisdiction_and_asks_whether_it_is_meant_only_where_it_is_there(
    official: Desk, fields: dict[str, str], sichuan: UUID
) -> None:
    page = official.get(NEW)
    assert page.text.count(f'<option value="{sichuan}" selected') == 1
    assert "确需另建" not in text_of(page)
    sent(official, NEW, **fields)
    page = official.send(official.get(NEW), NEW, **fields, do="check")
    assert "确需另建" not in text_of(page)
    page = official.send(page, NEW, do="send")
    assert "确需另建" in read(page)
    page = official.send(page, NEW, **fields, **{"/confirm_duplicate": "true"}, do="check")
    assert "确需另建" in text_of(page)
    assert official.send(page, NEW, do="send").status_code == 303
