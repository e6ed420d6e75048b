"""Two officials before two open windows: a park from draft to resumption, by mouse, by keyboard and without scripts."""

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

NAME = "嘉陵协同示范园"
REASON = "分成比例须先由财政部门会商。"


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
    ours.sent()
    return ours.path


def proposed(ours: Window, sides: Sides, *, park: str) -> None:
    """From the park's page."""
    ours.press("main a[href$='/do/propose']")
    line = "/terms/shares/0"
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
    ours.sent()
    assert ours.path == park


def proposed_anew(ours: Window, sides: Sides, *, park: str) -> None:
    """What was refused stands on the form, to be changed."""
    ours.press("main a[href$='/do/propose']")
    assert ours.page.input_value("[name='/terms/exit/notice_days']") == "180"
    ours.put(f"/terms/shares/0/ratios/{sides.one}", "55")
    ours.put(f"/terms/shares/0/ratios/{sides.other}", "45")
    ours.put("/effective_from", "2021-01-01")
    ours.sent()
    assert ours.path == park


def signed_by_both(ours: Window, theirs: Window, *, agreement: str) -> None:
    """What waits stands on the open workbench by itself; who signs sees that the other has."""
    theirs.hears("", at=f"main a[href='{agreement}']")
    theirs.press(f"main a[href='{agreement}']")
    theirs.press("main a[href$='/do/sign']")
    theirs.sent()
    ours.open(agreement)
    ours.press("main a[href$='/do/sign']")
    ours.sent()
    theirs.hears("各方已签署")


def refused(ours: Window, theirs: Window, *, park: str, agreement: str) -> None:
    """The other side says why; whoever proposed it hears so on the park's open page."""
    theirs.hears("", at=f"main a[href='{agreement}']")
    theirs.press(f"main a[href='{agreement}']")
    theirs.press("main a[href$='/do/refuse']")
    theirs.fill(reason=REASON)
    theirs.sent()
    assert REASON in theirs.text
    ours.hears("拒绝")
    ours.press(f"main a[href='{park}?tab=agreements']")
    ours.press(f"main a[href='{agreement}']")
    assert REASON in ours.text
    ours.open(park)


def paused_and_resumed(ours: Window, theirs: Window, *, park: str) -> None:
    """It pauses when one side wants it to, and runs again once both do."""
    for one in (ours, theirs):
        one.open(park)
        one.hears("运行中")
    ours.press("main a[href$='/do/suspend']")
    ours.fill(reason="试运行检查。")
    ours.sent()
    theirs.hears("已暂停")
    for one, other in ((ours, theirs), (theirs, ours)):
        one.press("main a[href$='/do/resume']")
        one.sent()
        other.hears("恢复")
    for one in (ours, theirs):
        one.hears("运行中")


@soak
@pytest.mark.parametrize("way", WAYS)
def test_each_side_does_its_part_and_sees_what_the_other_did(browser: Any, sides: Sides, way: str) -> None:
    began = time.perf_counter()
    with (
        Carrying(sides.cell),
        window(browser, sides.url, sides.ours, way=way) as ours,
        window(browser, sides.url, sides.theirs, way=way) as theirs,
    ):
        theirs.open("/console")
        park = drafted(ours, sides, name=f"{NAME}({way})")
        proposed(ours, sides, park=park)
        agreement = park.replace("/parks/", "/agreements/")
        refused(ours, theirs, park=park, agreement=f"{agreement}/1")
        theirs.open("/console")
        proposed_anew(ours, sides, park=park)
        signed_by_both(ours, theirs, agreement=f"{agreement}/2")
        paused_and_resumed(ours, theirs, park=park)
        said = [*ours.said, *theirs.said]
        asked = [one for one in (*ours.asked, *theirs.asked) if not one.startswith((sides.url, "data:"))]
    print(f"\n{way}: {time.perf_counter() - began:.1f} s")  # noqa: T201 - for whoever reads the figures
    assert said == []
    assert asked == []
