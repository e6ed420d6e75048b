"""A park from draft to signatures at the console, each side at its own desk."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from tests.builders.cell import Cell
from tests.builders.consoles import Desk
from tests.builders.identity import make_user


def park_fields(*parties: UUID) -> dict[str, str]:
    """What an official types into the form of a new park."""
    roles = ("host", "partner", "partner")
    named = [(f"/parties/{at}", party, role) for at, (party, role) in enumerate(zip(parties, roles, strict=False))]
    given = {f"{place}/tenant": str(party) for place, party, _role in named}
    given |= {f"{place}/role": role for place, _party, role in named}
    return {"/name_zh": "嘉陵协同示范园", "/kind": "joint", "/sectors": "汽车零部件\n电子材料", **given}


def drafted(desk: Desk, *parties: UUID) -> str:
    """The address of a park that was drafted through form and check page."""
    page = desk.get("/console/parks/new")
    page = desk.send(page, "/console/parks/new", **park_fields(*parties), do="check")
    assert page.status_code == 200, page.text
    page = desk.send(page, "/console/parks/new", do="send")
    assert page.status_code == 303, page.text
    return str(page.headers["Location"]).partition("?")[0]


def proposal(*parties: UUID, first: str = "60", second: str = "40") -> dict[str, str]:
    """The terms of an agreement as they are typed."""
    line = "/terms/shares/0"
    return {
        line: "1", f"{line}/indicator": "industrial_output", f"{line}/from_year": "2027", f"{line}/to_year": "2031",
        f"{line}/ratios/{parties[0]}": first, f"{line}/ratios/{parties[1]}": second,
        "/terms/base_year": "2026", "/terms/base_rule": "stock_stays",
        "/terms/exit/notice_days": "180", "/terms/exit/text_zh": "提前半年书面通知。",
        "/terms/dispute_forum/kind": "arbitration", "/terms/dispute_forum/text_zh": "提交双方约定的仲裁机构。",
        "/effective_from": "2027-01-01",
    }  # fmt: skip


def state_of(page: Any) -> str:
    """The state beside the page's title."""
    found = re.search(r'<h1>.*?<span class="state [a-z]*">([^<]*)</span>', page.text, re.DOTALL)
    assert found is not None
    return found[1]


def test_a_division_is_written_by_its_name(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    desk, new = Desk(cell, make_user(cell, sichuan, "official")), "/console/parks/new"
    assert 'data-choose="/console/choose/division_code"' in desk.get(new).text
    offered = desk.get("/console/choose/division_code?q=linshui").text
    assert offered == '<option value="邻水县 [511623]">四川省 广安市 邻水县</option>'
    # Several are called so, and the API says what it wants.
    fields = park_fields(sichuan, chongqing)
    page = desk.send(desk.get(new), new, **fields, **{"/location": "鼓楼区"}, do="check")
    assert (page.status_code, "鼓楼区" in page.text) == (422, True)
    for written in ("邻水县", "邻水县 [511623]", "511623"):
        given = {**fields, "/location": written, "/name_zh": f"示范园{len(written)}"}
        page = desk.send(desk.get(new), new, **given, do="check")
        page = desk.send(page, new, do="send")
        assert page.status_code == 303, page.text
        there = page.headers["Location"].partition("?")[0]
        assert "邻水县 <code>511623</code>" in desk.get(there).text


def test_an_official_drafts_a_park_and_finds_it(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    assert desk.get("/console").status_code == 200
    there = drafted(desk, sichuan, chongqing)
    cell.carry()
    page = desk.get(there)
    assert "嘉陵协同示范园" in page.text
    for tab in ("timeline", "delivery", "agreements"):
        assert desk.get(f"{there}?tab={tab}").status_code == 200
    assert "嘉陵协同示范园" in desk.get("/console/parks?q=嘉陵").text
    assert there in desk.get("/console/search?q=嘉陵").text
    assert desk.get("/console/parks?q=没有这样的园区").text.count(there) == 0


def test_shares_are_added_up_as_they_are_typed_and_refused_where_they_do_not_add_up(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    there = drafted(desk, sichuan, chongqing)
    form = desk.get(f"{there}/do/propose")
    wrong = proposal(sichuan, chongqing, first="60", second="45")
    page = desk.send(form, f"{there}/do/propose", **wrong, do="sums")
    assert "105 %" in page.text
    page = desk.send(page, f"{there}/do/propose", **wrong, do="send")
    assert page.status_code == 422
    assert 'value="45"' in page.text
    assert "提前半年书面通知。" in page.text
    assert desk.get(f"{there}?tab=agreements").text.count("/console/agreements/") == 0


def test_who_has_no_ratio_takes_no_part_in_a_line(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    there = drafted(desk, sichuan, chongqing, cell.tenant("region", name_zh="成渝地区"))
    given = proposal(sichuan, chongqing)
    page = desk.send(desk.get(f"{there}/do/propose"), f"{there}/do/propose", **given, do="sums")
    assert re.search(r'id="sum-0"[^>]*>.*?100 %', page.text, re.DOTALL)
    page = desk.send(page, f"{there}/do/propose", **given, do="send")
    assert page.status_code == 303, page.text


def test_both_sides_sign_at_their_own_desks(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    ours = Desk(cell, make_user(cell, sichuan, "official", "signatory"))
    there = drafted(ours, sichuan, chongqing)
    cell.carry()
    form = ours.get(f"{there}/do/propose")
    page = ours.send(form, f"{there}/do/propose", **proposal(sichuan, chongqing), do="send")
    assert page.status_code == 303, page.text
    cell.carry()
    agreement = there.replace("/parks/", "/agreements/") + "/1"
    theirs = Desk(cell, make_user(cell, chongqing, "official", "signatory"))
    for desk in (ours, theirs):
        page = desk.get(f"{agreement}/do/sign")
        assert page.status_code == 200, page.text
        page = desk.send(page, f"{agreement}/do/sign", do="send")
        cell.carry()
        assert page.status_code == 303, page.text
    assert "60 %" in ours.get(agreement).text
    assert state_of(ours.get(agreement)) == state_of(theirs.get(agreement))
    assert "各方已签署" in theirs.get(agreement).text
