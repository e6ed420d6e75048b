"""What does not flow, at the console: named, said in the reader's words, and replayed by a form."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.builders.cell import Cell
from tests.builders.consoles import Desk, text_of
from tests.builders.identity import make_user
from tests.builders.poison import poisoned


def test_an_administrator_sees_what_stands_still_and_replays_it_by_the_form(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell.tick()
    cell.carry()
    poison = poisoned(monkeypatch)
    url = poison.park(cell, sichuan, chongqing)
    name = cell.client(chongqing).get(url).json["name_zh"]
    desk = Desk(cell, make_user(cell, chongqing, "system_administrator"))
    page = text_of(desk.get("/console/health"))
    assert re.search("已搁置 1 .{2,12} 先排除原因", page), page
    assert re.search("sichuan 有条目被搁置或缺少前序 0 1 最早 刚刚 缺 3 条", page), page
    listed = desk.get("/console/waiting?kind=parked").text
    there = f"/console/waiting/{poison.aggregate}"
    assert all(one in listed for one in (name, "sichuan", "ZeroDivisionError", there))
    assert "xietong parked" not in listed
    assert f"{there}/do/replay" in desk.get(there).text
    refused = desk.send(desk.get(f"{there}/do/replay"), f"{there}/do/replay", do="send")
    assert (refused.status_code, "原因仍在" in refused.text) == (409, True)
    poison.aggregate = ""
    mended = desk.send(desk.get(f"{there}/do/replay"), f"{there}/do/replay", do="send")
    assert mended.status_code == 303, mended.text[-2000:]
    page = text_of(desk.get(mended.headers["Location"]))
    assert (name in page, "无须处理" in page) == (True, True)
    assert name not in desk.get("/console/waiting?kind=parked").text
    clerk = Desk(cell, make_user(cell, chongqing, "official"))
    assert (clerk.get("/console/health").status_code, clerk.get("/console/waiting").status_code) == (403, 403)
    assert "/console/health" not in clerk.get("/console").text
