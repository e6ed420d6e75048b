"""Two officials before two windows: a park from draft to resumption, by mouse, by keyboard and without scripts."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tests.builders.browser import chromium
from tests.builders.cell import Cell
from tests.builders.identity import Person, make_user, quick_hashing
from tests.builders.served import served
from tests.builders.sizes import FULL, soak
from tests.builders.windows import Carrying, Window

NAME = "嘉陵协同示范园"
WAYS = ("mouse", "keyboard", "no script") if FULL else ("mouse",)
"""The longer ones go with `make soak`."""


@dataclass
class Sides:
    """Two jurisdictions with an official each, and the address of the application."""

    cell: Cell
    url: str
    one: UUID
    other: UUID
    ours: Person
    theirs: Person


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def sides(the_cell: Cell) -> Iterator[Sides]:
    one = the_cell.tenant("sichuan", name_zh="四川省", name_en="Sichuan", division_codes=["510000"])
    other = the_cell.tenant("chongqing", name_zh="重庆市", name_en="Chongqing", division_codes=["500000"])
    with quick_hashing(), served(the_cell) as url:
        people = [make_user(the_cell, tenant, "official", "signatory") for tenant in (one, other)]
        yield Sides(the_cell, url, one, other, *people)


@contextmanager
def window(browser: Any, url: str, person: Person, *, way: str = "mouse") -> Iterator[Window]:
    """A browser of somebody's own, signed in."""
    context = browser.new_context(java_script_enabled=way != "no script", viewport={"width": 1280, "height": 900},
                                  locale="zh-CN")  # fmt: skip
    try:
        yield Window(context.new_page(), url, person, by_keyboard=way == "keyboard").sign_in()
    finally:
        context.close()


def drafted(ours: Window, sides: Sides, *, name: str) -> str:
    """The address of the park's page; from the workbench, through form and check page."""
    ours.open("/console")
    ours.press("main a[href='/console/parks/new']")
    ours.put("/name_zh", name)
    ours.put("/kind", "joint")
    ours.put("/parties/0/tenant", str(sides.one))
    ours.put("/parties/0/role", "host")
    ours.press("button[value='add:/parties']")
    ours.put("/parties/1/tenant", str(sides.other))
    ours.put("/parties/1/role", "partner")
    ours.put("/sectors", "汽车零部件")
    ours.press("main button[value='check']")
    ours.press("main button.large[value='send']")
    ours.page.wait_for_url("**made=1")
    return ours.path


def proposed(ours: Window, sides: Sides) -> str:
    """The address of the agreement that the park's page leads to."""
    park = ours.path
    ours.press("main a[href$='/do/propose']")
    line = "/terms/shares/0"
    if not ours.page.locator(f"[name='{line}/from_year']").count():
        ours.press("button[value='add:/terms/shares']")
    given = {
        f"{line}/indicator": "tax_revenue", f"{line}/from_year": "2021", f"{line}/to_year": "2030",
        f"{line}/ratios/{sides.one}": "60", f"{line}/ratios/{sides.other}": "40",
        "/terms/base_year": "2020", "/terms/base_rule": "stock_stays",
        "/terms/exit/notice_days": "180", "/terms/exit/text_zh": "提前半年书面通知。",
        "/terms/dispute_forum/kind": "council", "/terms/dispute_forum/text_zh": "提交联席会议。",
        "/effective_from": "2021-01-01",
    }  # fmt: skip
    names = ours.page.eval_on_selector_all("main [name]:not([type=hidden])", "all => all.map(one => one.name)")
    for name in sorted(given, key=names.index):
        ours.put(name, given[name])
    ours.press("main button.large[value='check'], main button.large[value='send']")
    if ours.page.locator("ol.stages").count():
        ours.press("main button.large[value='send']")
    ours.page.wait_for_url("**done=propose")
    return park.replace("/parks/", "/agreements/") + "/1"


def signed(window: Window, agreement: str) -> None:
    """What waits on the workbench is signed there; where the other side decides, it has answered."""
    window.open("/console")
    window.press(f"main a[href^='{agreement}']")
    window.press("main a[href$='/do/sign']")
    done(window, "sign")


def done(window: Window, action: str, **fields: str) -> None:
    """Sends the form that the window shows, and waits until it is done, here or at the other side."""
    for name, value in fields.items():
        window.put(f"/{name}", value)
    window.press("main button.large[value='send']")
    window.page.wait_for_url(re.compile(f"/console/sent/|done={action}"))
    if "/console/sent/" in window.page.url:
        window.page.locator(".state.good").wait_for()
        window.press("main .body a.button")


def state(window: Window, path: str) -> str:
    """What the window says of the thing now."""
    window.open(path)
    found: str = window.page.inner_text("main h1 ~ .state")
    return found


@soak
@pytest.mark.parametrize("way", WAYS)
def test_each_side_does_its_part_and_sees_what_the_other_did(browser: Any, sides: Sides, way: str) -> None:
    began = time.perf_counter()
    with (
        Carrying(sides.cell),
        window(browser, sides.url, sides.ours, way=way) as ours,
        window(browser, sides.url, sides.theirs, way=way) as theirs,
    ):
        park = drafted(ours, sides, name=f"{NAME}({way})")
        agreement = proposed(ours, sides)
        for one in (theirs, ours):
            signed(one, agreement)
        assert state(theirs, park) == state(ours, park) == "运行中"
        ours.press("main a[href$='/do/suspend']")
        done(ours, "suspend", reason="试运行检查。")
        assert state(ours, park) == state(theirs, park) == "已暂停"
        for one in (ours, theirs):
            # It runs again once all parties want it to.
            assert state(one, park) == "已暂停"
            one.press("main a[href$='/do/resume']")
            done(one, "resume")
        assert state(ours, park) == state(theirs, park) == "运行中"
        said = [*ours.said, *theirs.said]
        asked = [one for one in (*ours.asked, *theirs.asked) if not one.startswith((sides.url, "data:"))]
    print(f"\n{way}: {time.perf_counter() - began:.1f} s")  # noqa: T201 - for whoever reads the figures
    assert said == []
    assert asked == []
