"""An official at the console: signs in, drafts a park, sees it in the list and on its page."""

from __future__ import annotations

from uuid import UUID

from tests.builders.cell import Cell
from tests.builders.consoles import Desk
from tests.builders.identity import make_user


def test_an_official_drafts_a_park_and_finds_it(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    page = desk.get("/console")
    assert page.status_code == 200, page.text[:3000]
    page = desk.get("/console/parks")
    assert page.status_code == 200, page.text[:3000]
    page = desk.get("/console/parks/new")
    assert page.status_code == 200, page.text[:3000]
    fields = {
        "/name_zh": "嘉陵协同示范园",
        "/kind": "joint",
        "/parties/0/tenant": str(sichuan),
        "/parties/0/role": "host",
        "/parties/1/tenant": str(chongqing),
        "/parties/1/role": "partner",
        "/sectors": "汽车零部件\n电子材料",
    }
    page = desk.send(page, "/console/parks/new", **fields, do="check")
    assert page.status_code == 200, page.text
    page = desk.send(page, "/console/parks/new", do="send")
    assert page.status_code == 303, page.text
    there = page.headers["Location"]
    cell.carry()
    page = desk.get(there)
    assert page.status_code == 200, page.text
    for tab in ("timeline", "delivery", "agreements"):
        page = desk.get(there.partition("?")[0] + f"?tab={tab}")
        assert page.status_code == 200
    page = desk.get("/console/parks?q=嘉陵")
    assert "嘉陵协同示范园" in page.text
    assert desk.get("/console/search?q=嘉陵").status_code == 200
