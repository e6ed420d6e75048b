"""Signing at the console: what one signs stands there, the second factor is asked for once, and whose turn it is."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from tests.builders.cell import Cell
from tests.builders.consoles import PAGE, Desk, hidden_of, text_of
from tests.builders.identity import csrf_of, make_user
from tests.builders.officials import proposed


@pytest.fixture
def park(cell: Cell, sichuan: UUID, chongqing: UUID) -> str:
    """The key of a park whose first agreement is proposed."""
    return proposed(cell, sichuan, chongqing).rpartition("/")[2]


def local_of(answer: Any) -> str:
    """Where the answer leads, on this site."""
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def code_page(desk: Desk, answer: Any) -> tuple[Any, str]:
    """The page that asks for the code, and where it goes on to."""
    there = desk.browser.get(local_of(answer), headers=PAGE)
    there = desk.browser.get(local_of(there), headers=PAGE)
    assert there.status_code == 303, f"{there.status_code} {there.request.path} {there.text}"
    address = local_of(there)
    return desk.browser.get(address, headers=PAGE), parse_qs(urlsplit(address).query)["next"][0]


def proven(desk: Desk, page: Any, onward: str) -> Any:
    """What the console answers once the code was typed."""
    given = {"csrf": csrf_of(page.text), "next": onward, "code": desk.person.code()}
    assert desk.browser.post("/signin/factor", data=given, headers=PAGE).status_code == 200
    answer = desk.browser.get(onward, headers=PAGE)
    return desk.browser.get(local_of(desk.browser.get(local_of(answer), headers=PAGE)), headers=PAGE)


def test_what_one_signs_or_refuses_stands_above_the_button(cell: Cell, chongqing: UUID, park: str) -> None:
    desk = Desk(cell, make_user(cell, chongqing, "official", "signatory"))
    name = cell.client(chongqing).get(f"/v1/parks/{park}").json["name_zh"]
    for action in ("sign", "refuse"):
        page = desk.get(f"/console/agreements/{park}/1/do/{action}")
        said = text_of(page)
        assert re.search(rf"<h1>[^<]*{name}[^<]*第 1 版", page.text), "the title says of which park"
        assert said.index("提前180天通知") < said.index("返回"), "the terms stand before the button"
    page = desk.get(f"/console/agreements/{park}/1/do/sign")
    assert re.search(r"<details[^>]*><summary[^>]*>内容哈希", page.text), "the hash is folded"


def test_what_was_sent_is_finished_once_the_second_factor_was_given(cell: Cell, chongqing: UUID, park: str) -> None:
    desk = Desk(cell, make_user(cell, chongqing, "official", "signatory"))
    place = f"/console/agreements/{park}/1/do/sign"
    desk.get("/console")
    cell.clock.advance(timedelta(minutes=20))
    form = desk.get(place)
    assert "草稿" not in text_of(form)
    page, onward = code_page(desk, desk.send(form, place, do="send"))
    assert "为办理“签署协议”" in text_of(page)
    finish = f"{place}?finish={hidden_of(form, place)['once']}"
    other = Desk(cell, make_user(cell, chongqing, "official", "signatory"))
    assert "再按一次" not in text_of(other.get(finish)), "nobody else finishes it, or is told that they were verified"
    answer = proven(desk, page, onward)
    assert answer.status_code == 303, text_of(answer)
    cell.carry()
    signed = cell.client(chongqing).get(f"/v1/parks/{park}/agreements/1").json["signatures"]
    assert [one["tenant"] for one in signed] == [str(chongqing)]
    assert desk.get(finish).status_code == 409, "and it is finished once"
    assert "草稿" not in text_of(desk.get("/console"))
    sent = desk.get("/console?tab=started")
    assert f'href="/console/agreements/{park}/1"' in sent.text, "what was sent leads to what it is about"
    assert (
        f'href="/console/agreements/{park}/1"' in desk.get(re.findall(r"/console/sent/[0-9a-f-]+", sent.text)[0]).text
    )


def test_no_link_from_elsewhere_puts_words_on_the_code_page(cell: Cell, chongqing: UUID, park: str) -> None:
    desk = Desk(cell, make_user(cell, chongqing, "official", "signatory"))
    desk.get("/console")
    cell.clock.advance(timedelta(minutes=20))
    place = f"/console/agreements/{park}/1/do/sign"
    page, onward = code_page(desk, desk.send(desk.get(place), place, do="send"))
    assert "为办理" in text_of(page)
    forged = re.sub("purpose=([^.]*)", "purpose=57uP5a6hIC8gSGVyZQ%3D%3D", onward)
    shown = desk.browser.get("/signin/factor", query_string={"next": forged}, headers=PAGE)
    assert shown.status_code == 200
    assert "为办理" not in html.unescape(shown.text)


def buttons(page: Any) -> dict[str, str]:
    """The actions in the page's head and how they look: nothing is what stands out."""
    head = page.text.partition('<div class="head">')[2].partition("<details")[0]
    found = re.findall(r'<a class="button ?([a-z]*)" href="([^"]*)/do/([a-z_]+)"', head)
    return {f"{url.split('/')[2]} {action}": look for look, url, action in found}


def test_the_act_that_is_due_stands_out_on_the_park_too_and_nothing_else_while_somebody_is_waited_for(
    cell: Cell, sichuan: UUID, chongqing: UUID, park: str
) -> None:
    ours, theirs = (Desk(cell, make_user(cell, one, "official", "signatory")) for one in (chongqing, sichuan))
    here, there = f"/console/parks/{park}", f"/console/agreements/{park}/1"
    page = ours.get(here)
    assert "轮到我方" in text_of(page)
    assert re.search("各方与同步.*sichuan 主办", text_of(page)), "who is not home sees all parties, too"
    assert buttons(page) == {"agreements sign": "", "agreements refuse": "danger", "parks revise": "quiet"}
    assert buttons(ours.get(there))["agreements sign"] == ""
    assert ours.send(ours.get(f"{there}/do/sign"), f"{there}/do/sign", do="send").status_code == 303
    cell.carry()
    for address in (here, there):
        page = ours.get(address)
        assert "轮到我方" not in text_of(page)
        assert re.search(r'class="turn theirs">.*?sichuan', page.text)
        assert set(buttons(page).values()) <= {"quiet"}, "to change what others sign voids signatures"
    answer = theirs.send(theirs.get(f"{there}/do/sign"), f"{there}/do/sign", do="send")
    said = [re.search("已完成.签署协议", text_of(theirs.get(answer.headers["Location"]))) for _ in range(2)]
    assert [bool(one) for one in said] == [True, False], "Back does not say it again"
    cell.carry()
    assert 'class="turn' not in ours.get(here).text
    assert cell.client(chongqing).post(f"/v1/parks/{park}/suspend", {"reason": "停"}).status_code == 202
    cell.carry()
    page = ours.get(here)
    assert next(iter(buttons(page).items())) == ("parks resume", ""), "a suspended park asks to be resumed"
    assert "恢复还需 sichuan、chongqing 同意" in text_of(page)
