"""The edges of the console: who may not go on, whose drafts these are, tokens that end, numbers as people type them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote
from uuid import UUID

import pytest

from services.console.kit.quantities import decimal_of
from tests.builders.cell import Cell
from tests.builders.consoles import Desk, hidden_of
from tests.builders.identity import make_user
from tests.builders.officials import drafted

NEW = "/console/parks/new"


def test_people_of_a_suspended_jurisdiction_read_why_they_cannot_go_on(cell: Cell, sichuan: UUID) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    assert desk.get("/console/parks").status_code == 200
    cell._list_as("suspended", [sichuan])
    for address in ("/console", "/console/parks", "/console/no-such-page"):
        page = desk.get(address)
        assert (page.status_code, "本辖区已被暂停" in page.text) == (403, True), address


def test_a_form_says_for_whom_it_was_filled_in_also_after_signing_in_again(cell: Cell, sichuan: UUID) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    form = hidden_of(desk.get(NEW), NEW)
    desk.browser.delete_cookie("xietong_console")
    page = desk.browser.post(NEW, data={**form, "/name_zh": "嘉陵示范园", "do": "send"})
    assert page.status_code == 401
    assert hidden_of(page, NEW)["acting"] == str(sichuan)
    assert hidden_of(page, NEW)["/name_zh"] == "嘉陵示范园"
    desk.get("/console")
    other = {**hidden_of(page, NEW), "acting": str(cell.tenant("chongqing"))}
    assert desk.browser.post(NEW, data=other).status_code == 409


def test_a_journal_is_downloaded_under_a_chinese_name(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    key = drafted(cell, sichuan, chongqing).rpartition("/")[2]
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    answer = desk.get(f"/console/parks/{key}/journal")
    assert (answer.status_code, quote("日志") in answer.headers["Content-Disposition"]) == (200, True)
    answer.headers["Content-Disposition"].encode("latin-1")


def test_what_one_keeps_no_colleague_sees_unless_it_is_shared(cell: Cell, sichuan: UUID) -> None:
    mine, theirs = (Desk(cell, make_user(cell, sichuan, "official")) for _ in range(2))
    page = mine.get("/console/parks")
    views = "/console/parks/views"
    for name, shared in (("我的园区", {}), ("全省园区", {"shared": "true"})):
        mine.send(page, views, name=name, do="save", **shared)
    form = mine.get(NEW)
    kept = {**hidden_of(form, NEW), "/name_zh": "只有我知道的园区"}
    assert mine.browser.post("/console/drafts", data=kept).status_code == 204
    assert "只有我知道的园区" in mine.get(NEW).text
    assert "只有我知道的园区" not in theirs.get(NEW).text
    seen = theirs.get("/console/parks").text
    assert ("我的园区" in seen, "全省园区" in seen) == (False, True)


def test_tokens_that_end_are_replaced_while_one_works(cell: Cell, sichuan: UUID) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    assert desk.get("/console").status_code == 200
    for _ in range(3):
        cell.clock.advance(timedelta(minutes=9, seconds=50))
        assert desk.browser.get("/console/parks").status_code == 200
    desk.browser.post("/console/signout", data={"csrf": hidden_of(desk.get("/console"), "/console/signout")["csrf"]})
    assert desk.browser.get("/console/parks").status_code == 303


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("60", "60"), ("60%", "60"), ("\uff16\uff10\uff05", "60"), (" 33.3 % ", "33.3"), ("1e999999", None),
        ("NaN", None), ("-5", None), ("1_0", None), ("", None), ("9" * 13, None), ("六十", None),
    ],
)  # fmt: skip
def test_per_cent_is_read_as_people_type_it(typed: str, read: str | None) -> None:
    assert decimal_of(typed) == (None if read is None else Decimal(read))
