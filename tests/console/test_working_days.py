"""Working days at the console: a year from a table or by hand, looked at as months, published; and when a term ends."""

from __future__ import annotations

import html
import io
import re
from typing import Any
from uuid import UUID

import pytest

from shared.core.context import PLATFORM
from shared.text.folding import narrow
from tests.builders.administration import system
from tests.builders.cell import Cell
from tests.builders.consoles import PAGE, Desk, hidden_of, read, sent
from tests.builders.identity import make_user, quick_hashing

IMPORT, NEW, ASK = "/console/calendars/new/imports", "/console/calendars/new", "/console/last-day"
NOTICE = "国办发明电〔2026〕1号(虚构)"
ONE_DAY = re.compile(r'<td class="([a-z ]+)" title="([^"]*)"><time datetime="([0-9-]+)">')


@pytest.fixture
def desk(cell: Cell, sichuan: UUID) -> Desk:
    with quick_hashing():
        return Desk(cell, make_user(cell, sichuan, "system_administrator"))


def uploaded(desk: Desk, text: str, **fields: str) -> Any:
    page = desk.get(IMPORT)
    given = {**hidden_of(page, IMPORT), "year": "2027", "notice": NOTICE, **fields}
    table = {"table": (io.BytesIO(text.encode()), "2027.csv")} if text else {}
    return desk.browser.post(IMPORT, data={**given, **table}, headers=PAGE)


def told(page: Any, status: int = 200) -> str:
    """What a person reads on it, with punctuation in the width that this file has."""
    assert page.status_code == status, page.text
    return narrow(read(page))


def marked(page: Any) -> dict[str, tuple[str, str]]:
    """The days that stand out, with their classes and what is said of them."""
    return {day: (look.strip(), narrow(html.unescape(said))) for look, said, day in ONE_DAY.findall(page.text)}


def test_a_year_from_a_table_is_looked_at_as_months_and_published(desk: Desk, cell: Cell) -> None:
    answer = uploaded(desk, "日期,休/班,名称\n2027-03-03,休,彝族年\n2027-03-06,班,彝族年调休\n")
    assert answer.status_code == 303, answer.text
    url = answer.headers["Location"]
    page = desk.get(url)
    assert "只适用于" in told(page)
    assert "1 天放假,1 个周末日上班" in told(page)
    days = marked(page)
    assert days["2027-03-03"] == ("free", "3月3日 星期三:彝族年,放假")
    assert days["2027-03-06"] == ("worked", "3月6日 星期六:彝族年调休,上班")
    # What follows from the law for the whole country is drawn, too.
    assert days["2027-10-01"] == ("free", "10月1日 星期五:国庆节,放假")
    assert "彝族年" in told(desk.get(f"{url}/do/publish"))
    sent(desk, f"{url}/do/publish")
    assert "尚未公布" in told(desk.get(url))
    cell.carry()
    assert marked(desk.get(f"{ASK}?year=2027"))["2027-03-03"][0] == "free"


def test_what_is_wrong_in_a_table_is_said_by_row_and_column_and_what_was_typed_stays(desk: Desk) -> None:
    answer = uploaded(desk, "日期,休/班,名称\n2027-03-03,也许,彝族年\n2028-03-03,休,彝族年\n")
    said = told(answer, 422)
    assert "第 2 行“是否上班”(B2)" in said
    assert "第 3 行“日期”(A3)" in said
    assert f'value="{NOTICE}"' in answer.text
    assert "请先选择表格文件" in told(uploaded(desk, ""), 422)
    wrong = uploaded(desk, "日期,休/班,名称\n2027-03-03,休,彝族年\n", year="明年")
    assert "年份:" in told(wrong, 422)


def test_empty_lines_of_the_form_are_left_out_and_wrong_ones_named(desk: Desk, cell: Cell, sichuan: UUID) -> None:
    lines = {"/days/0/day": "2029年1月1日", "/days/0/name_zh": "元旦", "/days/0/is_working": "false",
             "/days/3/day": "2029-01-06", "/days/3/name_zh": "元旦调休", "/days/3/is_working": "true"}  # fmt: skip
    blank = {
        f"/days/{number}{part}": value for number in (1, 2) for part, value in (("", "1"), ("/is_working", "false"))
    }
    page = desk.send(desk.get(NEW), NEW, **{"/year": "2029", **blank, "/days/1/day": "2029-01-02"}, do="check")
    assert (page.status_code, "名称" in page.text) == (422, True)
    sent(desk, NEW, **{"/year": "2029", "/notice": NOTICE, **lines, **blank})
    made = system(cell, sichuan).get("/v1/calendars", query_string={"year": 2029}).json["items"]
    assert [[(one["day"], one["is_working"]) for one in item["days"]] for item in made] == [
        [("2029-01-01", False), ("2029-01-06", True)]
    ]


def test_the_last_day_of_a_term_is_told_with_the_days_on_the_way(desk: Desk) -> None:
    page = desk.get(f"{ASK}?days=20&unit=working&begins_on=2026年9月21日")
    assert "届满日: 2026年10月26日 星期一" in told(page)
    assert "暂定" not in told(page)
    days = marked(page)
    assert days["2026-09-21"][0] == "begin"
    assert days["2026-10-26"][0] == "last"
    assert days["2026-10-10"] == ("worked counted", "10月10日 星期六:调休,上班,计入")
    assert days["2026-10-01"][0] == "free"
    assert "2026-10-17" not in days
    english = told(desk.get(f"{ASK}?days=10&begins_on=2026-12-24&lang=en"))
    assert "Last day: Friday, 8 January 2027" in english
    assert "Provisional" in english
    assert "New Year" in english


def test_a_term_that_is_none_is_named_at_its_field_and_a_long_one_is_drawn_at_its_ends(desk: Desk) -> None:
    wrong = desk.get(f"{ASK}?days=viele&begins_on=2026-13-01")
    assert "天数:" in told(wrong, 422)
    assert "起算日:" in told(wrong, 422)
    assert len(re.findall('aria-invalid="true"', wrong.text)) == 2
    long = desk.get(f"{ASK}?days=1000&begins_on=2026-01-05")
    assert long.text.count('<table class="small-month">') == 6
    assert "个月未画出" in long.text
    assert "暂定" in told(long)


def test_a_year_that_came_with_the_platform_says_by_which_notice_and_one_that_nobody_set_says_so(
    cell: Cell, sichuan: UUID
) -> None:
    with quick_hashing():
        desk = Desk(cell, make_user(cell, sichuan, "observer"))
    page = desk.get(f"{ASK}?year=2026")
    assert "国办发明电〔2025〕7号" in told(page)
    assert page.text.count('<table class="small-month">') == 12
    assert "暂定:这一年的放假安排尚未公布" in told(desk.get(f"{ASK}?year=2031"))
    assert desk.get(f"{ASK}?year=0").status_code == 422
    assert desk.get(IMPORT).status_code == 403


def test_the_platforms_calendar_says_that_it_is_the_whole_countrys(cell: Cell) -> None:
    with quick_hashing():
        desk = Desk(cell, make_user(cell, PLATFORM, "system_administrator"))
    url = uploaded(desk, "day,is_working,name_zh\n2027-01-01,off,元旦\n").headers["Location"]
    assert "适用于全国" in told(desk.get(url))
    assert "公布前" in told(desk.get(url))
