"""Many things of a list at once: each is done by itself, what failed can be tried again, nothing is done twice."""

from __future__ import annotations

from uuid import UUID

from tests.builders.cell import Cell
from tests.builders.consoles import Desk
from tests.builders.identity import make_user
from tests.builders.officials import park_draft

BULK = "/console/parks/bulk"


def test_drafts_are_withdrawn_together_and_one_that_cannot_be_says_why(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    client = cell.client(sichuan)
    keys = [client.post("/v1/parks", park_draft(sichuan, chongqing)).json["id"] for _ in range(3)]
    client.post(f"/v1/parks/{keys[2]}/withdraw", {"reason": "重复"})
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    page = desk.get("/console/parks")
    assert "data-select-page" in page.text
    assert '<button class="button quiet" type="submit" name="do" value="withdraw">撤回…</button>' in page.text
    page = desk.send(page, BULK, **{f"pick/{key}": "true" for key in keys}, do="withdraw")
    assert page.status_code == 200, page.text
    sent = desk.send(page, BULK, **{"/reason": "年度清理"}, do="send")
    assert sent.status_code == 200, sent.text
    assert sent.text.count("没有办成</span>") == 1
    assert [client.get(f"/v1/parks/{key}").json["state"] for key in keys] == ["withdrawn"] * 3
    versions = [client.get(f"/v1/parks/{key}").json["version"] for key in keys]
    # The same page sent once more, as by a second press or by Back.
    again = desk.send(page, BULK, **{"/reason": "年度清理"}, do="send")
    assert again.status_code == 200
    assert [client.get(f"/v1/parks/{key}").json["version"] for key in keys] == versions


def test_nothing_chosen_is_said_and_what_the_role_may_not_is_not_offered(cell: Cell, sichuan: UUID) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    page = desk.get("/console/parks")
    assert desk.browser.post(BULK, data={"do": "withdraw"}).status_code == 403
    cell.client(sichuan).post("/v1/parks", park_draft(sichuan, cell.tenant("chongqing")))
    page = desk.get("/console/parks")
    assert desk.send(page, BULK, do="withdraw").status_code == 422
    observer = Desk(cell, make_user(cell, sichuan, "observer"))
    assert "data-bulk" not in observer.get("/console/parks").text
