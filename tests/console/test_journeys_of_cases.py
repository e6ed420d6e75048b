"""Clerks of both sides, the authority of a part and the coordinator lead a case through its pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tests.builders.browser import chromium
from tests.builders.cell import Cell
from tests.builders.identity import Person, make_user, quick_hashing
from tests.builders.served import served
from tests.builders.sizes import soak
from tests.builders.windows import WAYS, Carrying, Window, window
from tests.requests.given import REASON, SHEET, done, filed, opened

NAME = "跨省危险废物转移审批"
FINDING = "环境容量满足要求。"


@dataclass
class Sides:
    """Where cases are filed, who handles them, who coordinates and is asked for a part; an official of each."""

    cell: Cell
    url: str
    home: UUID
    handler: UUID
    coordinator: UUID
    clerk: Person
    officer: Person
    third: Person
    item: str


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def sides(the_cell: Cell) -> Iterator[Sides]:
    home, handler, coordinator = (
        the_cell.tenant(code, name_zh=zh, name_en=en)
        for code, zh, en in (
            ("hunan", "湖南省", "Hunan"),
            ("guizhou", "贵州省", "Guizhou"),
            ("xqey", "协调办", "Office"),
        )
    )
    item = opened(the_cell, handler, name_zh=NAME, coordinator=str(coordinator), sheet={**SHEET, "materials": []})
    with quick_hashing(), served(the_cell) as url:
        people = [make_user(the_cell, tenant, "clerk", "reviewer") for tenant in (home, handler, coordinator)]
        yield Sides(the_cell, url, home, handler, coordinator, *people, item=item)


def asked_and_supplied(clerk: Window, officer: Window, *, case: str) -> None:
    """What is missing is chosen by its name, and supplied where it was filed."""
    officer.press("main a[href$='/do/claim']")
    officer.sent()
    officer.press("main a[href$='/do/return']")
    assert "成立日期" in officer.text
    officer.put("/missing/since", "true")
    officer.put("/reason", "请补充成立日期。")
    officer.sent()
    clerk.open(case)
    clerk.hears("成立日期")
    clerk.press("main a[href$='/do/supplement']")
    clerk.put("/answers/since", "2019-05-01")
    clerk.press("main button.large[value='check']")
    clerk.press("main button.large[value='send']")
    officer.open(case)
    officer.hears("2019-05-01")


def split_and_decided(officer: Window, third: Window, *, case: str, sides: Sides) -> None:
    """Two authorities answer for a part each; only then it is decided."""
    officer.press("main a[href$='/do/accept']")
    officer.sent()
    officer.hears("", at="main a[href$='/do/split']")
    officer.press("main a[href$='/do/split']")
    officer.put("/parts/0/to", str(sides.coordinator))
    officer.put("/parts/0/task", "核查环境容量。")
    officer.press("button[value='add:/parts']")
    officer.put("/parts/1/to", str(sides.handler))
    officer.put("/parts/1/task", "核查接收能力。")
    officer.sent()
    officer.hears("", at="main a[href$='/do/finish_part']")
    assert officer.page.locator("main a[href$='/do/decide']").count() == 0
    third.open("/console")
    third.hears("", at=f"main a[href='{case}']")
    third.press(f"main a[href='{case}']")
    for one, part, finding in ((third, "1", FINDING), (officer, "2", "可以接收。")):
        one.press("main a[href$='/do/finish_part']")
        one.put("/part", part)
        one.put("/result", finding)
        one.sent()
    officer.hears("", at="main a[href$='/do/decide']")
    assert FINDING in officer.text
    officer.press("main a[href$='/do/decide']")
    officer.put("/outcome", "approved")
    officer.put("/reason", "符合条件,同意转移。")
    officer.sent()
    officer.hears("", at="main a[href$='/do/deliver']")
    officer.press("main a[href$='/do/deliver']")
    officer.sent()


@soak
@pytest.mark.parametrize("way", WAYS)
def test_a_case_is_led_from_window_to_window(browser: Any, sides: Sides, way: str) -> None:
    began = time.perf_counter()
    case = filed(sides.cell, sides.home, sides.item).replace("/v1/", "/console/")
    with (
        Carrying(sides.cell),
        window(browser, sides.url, sides.clerk, way=way) as clerk,
        window(browser, sides.url, sides.officer, way=way) as officer,
        window(browser, sides.url, sides.third, way=way) as third,
    ):
        officer.open("/console")
        officer.press(f"main a[href='{case}']")
        asked_and_supplied(clerk, officer, case=case)
        split_and_decided(officer, third, case=case, sides=sides)
        clerk.open(case)
        clerk.hears("已送达")
        assert "符合条件,同意转移。" in clerk.text
        clerk.press("main a[href$='/do/close']")
        clerk.sent()
        for one in (clerk, officer, third):
            one.open(case)
            one.hears("已办结")
        said = [*clerk.said, *officer.said, *third.said]
    print(f"\n{way}: {time.perf_counter() - began:.1f} s")  # noqa: T201 - for whoever reads the figures
    assert said == []


@soak
@pytest.mark.parametrize("way", WAYS)
def test_the_coordinator_ends_a_dispute_from_the_workbench(browser: Any, sides: Sides, way: str) -> None:
    cell, url = sides.cell, filed(sides.cell, sides.home, sides.item)
    for by, to in ((sides.handler, sides.home), (sides.home, sides.handler), (sides.handler, sides.home)):
        done(cell, by, url, "forward", to=str(to), **REASON)
    case = url.replace("/v1/", "/console/")
    with Carrying(cell), window(browser, sides.url, sides.third, way=way) as third:
        third.open("/console")
        third.press(f"main a[href='{case}']")
        third.press("main a[href$='/do/assign']")
        third.put("/to", str(sides.handler))
        third.put("/reason", "按分工由贵州办理。")
        third.sent()
        third.hears("按分工由贵州办理。")
        assert third.said == []
    found = cell.client(sides.home).get(url).json
    assert (found["handler"], found["is_final"]) == (str(sides.handler), True)
