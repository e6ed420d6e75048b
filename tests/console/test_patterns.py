"""The kit: each pattern has its page in development, which says that it is made up; lists change without a reload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from services.console.pages.patterns import PATTERNS
from tests.builders.browser import chromium
from tests.builders.cell import Cell
from tests.builders.consoles import Desk
from tests.builders.identity import Person, make_user
from tests.builders.officials import park_draft
from tests.builders.served import served


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


def seated(browser: Any, url: str, person: Person, **options: Any) -> Any:
    """A page of somebody who has signed in, at the workbench."""
    page = browser.new_page(locale="zh-CN", **options)
    page.goto(f"{url}/console/signin")
    page.fill("#login", person.login)
    page.fill("#password", person.password)
    page.click("main form button")
    page.wait_for_url("**/console")
    return page


def test_where_people_work_there_is_no_page_of_made_up_values(cell: Cell, sichuan: UUID) -> None:
    desk = Desk(cell, make_user(cell, sichuan, "official"))
    assert desk.get("/console/kit").status_code == 404
    assert desk.get("/console/kit/list").status_code == 404


def test_each_pattern_is_shown_whole_and_says_that_it_is_made_up(cell: Cell, sichuan: UUID, browser: Any) -> None:
    person, wrong = make_user(cell, sichuan, "official"), list[str]()
    with served(cell, log_level="debug") as url:
        page = seated(browser, url, person, viewport={"width": 360, "height": 780})
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        for name in PATTERNS:
            answer = page.goto(f"{url}/console/kit/{name}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            fine = answer.status == 200 and page.locator("h1").count() == 1 and wide <= 360
            if not fine or "虚构" not in page.inner_text("main"):
                wrong.append(f"{name}: {answer.status}, {wide} px, {page.inner_text('main')[:200]}")
        page.close()
    assert wrong == []


def test_lists_change_without_a_reload_back_restores_them_and_keys_lead_on(
    cell: Cell, sichuan: UUID, chongqing: UUID, browser: Any
) -> None:
    for name in ("嘉陵示范园", "涪江合作园"):
        assert cell.client(sichuan).post("/v1/parks", park_draft(sichuan, chongqing, name_zh=name)).status_code == 201
    person = make_user(cell, sichuan, "official")
    with served(cell) as url:
        page = seated(browser, url, person)
        page.goto(f"{url}/console/parks")
        page.evaluate("window.isTheSame = true")
        page.fill("#q", "嘉陵")
        page.press("#q", "Enter")
        page.wait_for_url("**q=*")
        page.wait_for_selector("text=涪江合作园", state="detached")
        assert page.evaluate("window.isTheSame") is True
        assert page.evaluate("document.activeElement.id") == "q"
        page.wait_for_selector("#said:has-text('1')", state="attached")
        assert "lang=en" in page.get_attribute("#language", "href")
        assert "q=" in page.get_attribute("#language", "href")
        page.go_back()
        page.wait_for_selector("text=涪江合作园")
        page.locator("h1").click()
        for keys, there in (("g w", "/console"), ("g d", "/console/calendar"), ("?", "/console/keys")):
            for key in keys.split():
                page.keyboard.press(key)
            page.wait_for_url(f"{url}{there}")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "find"
        page.close()
