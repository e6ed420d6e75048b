"""The line breaks, Back is pressed, two tabs are open, a button is pressed twice, a right is taken: nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from shared.text.folding import narrow
from tests.builders.administration import security
from tests.builders.browser import chromium
from tests.builders.cell import Cell
from tests.builders.identity import make_user, quick_hashing
from tests.builders.officials import drafted
from tests.builders.served import served
from tests.builders.windows import LEFT, Window, window

TITLE = "关于联合执法的公告"
TEXT = "自即日起实行。"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def url(the_cell: Cell) -> Iterator[str]:
    with quick_hashing(), served(the_cell) as found:
        yield found


@pytest.fixture(scope="module")
def official(the_cell: Cell, url: str, browser: Any) -> Iterator[Window]:
    """Somebody of a jurisdiction, signed in for the whole file."""
    tenant = the_cell.tenant("sichuan", name_zh="四川省", name_en="Sichuan", division_codes=["510000"])
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    yield Window(context.new_page(), url, make_user(the_cell, tenant, "official")).sign_in()
    context.close()


@pytest.fixture
def other(the_cell: Cell) -> UUID:
    return the_cell.tenant("chongqing", name_zh="重庆市", name_en="Chongqing", division_codes=["500000"])


def written(window: Window, title: str, *, to: UUID) -> None:
    """A notice, as far as the page on which it is checked."""
    window.open("/console/notices/new")
    window.put("/title_zh", title)
    window.put("/text", TEXT)
    window.page.locator(f"[name='/addressees/{to}']").check()
    window.press("main button.large[value='check']")
    window.page.wait_for_selector("dl.check")


def notices(cell: Cell, window: Window, title: str) -> int:
    """How many of that title there are."""
    items = cell.client(window.person.tenant).get("/v1/notices?limit=100").json["items"]
    return sum(one["title_zh"] == title for one in items)


def test_what_was_typed_stays_where_the_line_breaks(the_cell: Cell, official: Window, other: UUID) -> None:
    page = official.page
    official.open("/console/notices/new")
    page.context.set_offline(True)
    official.put("/title_zh", TITLE)
    official.put("/text", TEXT)
    page.locator(f"[name='/addressees/{other}']").check()
    page.locator("[data-trouble=offline]:not([hidden])").wait_for()
    page.locator("main button.large[value='check']").click()
    assert (page.input_value("[name='/title_zh']"), page.input_value("[name='/text']")) == (TITLE, TEXT)
    assert page.locator("[data-trouble=offline]").is_visible()
    page.context.set_offline(False)
    page.locator("[data-trouble=offline]").wait_for(state="hidden")
    official.press("main button.large[value='check']")
    page.wait_for_selector("dl.check")
    assert TITLE in official.text


def test_back_after_sending_does_nothing_twice(the_cell: Cell, official: Window, other: UUID) -> None:
    page, title = official.page, f"{TITLE}(返回)"
    written(official, title, to=other)
    official.press("main button.large[value='send']")
    page.wait_for_url(LEFT)
    page.evaluate("history.back()")
    page.wait_for_url("**/notices/new")
    page.wait_for_selector("main h1")
    if page.locator("main button.large[value='send']").count():
        official.press("main button.large[value='send']")
    assert notices(the_cell, official, title) == 1


def test_a_button_that_is_pressed_twice_does_one_thing(
    the_cell: Cell, official: Window, other: UUID, browser: Any
) -> None:
    written(official, f"{TITLE}(双击)", to=other)
    official.page.locator("main button.large[value='send']").dblclick(no_wait_after=True)
    official.page.wait_for_url(LEFT)
    assert notices(the_cell, official, f"{TITLE}(双击)") == 1
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    plain = Window(context.new_page(), official.url, official.person).sign_in()
    written(plain, f"{TITLE}(无脚本)", to=other)
    plain.page.locator("main button.large[value='send']").dblclick(no_wait_after=True)
    plain.page.wait_for_url(LEFT)
    assert notices(the_cell, official, f"{TITLE}(无脚本)") == 1
    context.close()


def test_a_form_is_sent_while_its_sums_are_still_on_their_way(the_cell: Cell, official: Window, other: UUID) -> None:
    page, held, tenant = official.page, list[Any](), official.person.tenant
    place = drafted(the_cell, tenant, other).replace("/v1/", "/console/") + "/do/propose"
    official.open(place)
    official.press("button[value='add:/terms/shares']")
    page.route(f"**{place}", lambda route: held.append(route) if is_part(route.request) else route.continue_())
    page.locator(f"[name='/terms/shares/0/ratios/{tenant}']").press_sequentially("60")
    with page.expect_request(is_part):
        page.locator(f"[name='/terms/shares/0/ratios/{other}']").press_sequentially("40")
    official.press("main button.large[value='check']")
    page.unroute(f"**{place}")
    # It was sent, for what is missing in it is said.
    assert "生效日:必填" in narrow(official.text)


def is_part(request: Any) -> bool:
    """Whether a script asks for a part of a page."""
    return "hx-request" in request.headers and request.method == "POST"


def test_two_tabs_do_not_overwrite_each_other(the_cell: Cell, official: Window, other: UUID) -> None:
    park = drafted(the_cell, official.person.tenant, other).rpartition("/")[2]
    tabs = [official, Window(official.page.context.new_page(), official.url, official.person)]
    for tab in tabs:
        tab.open(f"/console/parks/{park}/do/revise")
    for tab, name in zip(tabs, ("First Park", "Second Park"), strict=True):
        tab.put("/name_en", name)
        tab.press("main button.large[value='check']")
        tab.press("main button.large[value='send']")
    late = tabs[1]
    late.page.wait_for_selector("ins")
    assert "别人刚改过" in late.text
    assert "First Park" in late.text
    assert late.page.inner_text("ins") == "Second Park"
    late.press("main button.large[value='send']")
    late.page.wait_for_url(LEFT)
    assert the_cell.client(official.person.tenant).get(f"/v1/parks/{park}").json["name_en"] == "Second Park"
    late.page.close()


def test_what_happens_while_somebody_types_is_said_and_nothing_typed_is_touched(
    the_cell: Cell, url: str, browser: Any, official: Window, other: UUID
) -> None:
    tenant = official.person.tenant
    there = drafted(the_cell, tenant, other).replace("/v1/", "/console/")
    with window(browser, url, official.person) as mine:
        mine.open(f"{there}/do/revise")
        mine.put("/name_en", "My Park")
        answer = the_cell.client(tenant, subject="official-2").patch(
            there.replace("/console/", "/v1/"), {"name_en": "Their Park"}
        )
        assert answer.status_code == 200, answer.json
        mine.hears("这一页已有变化")
        assert mine.page.input_value("[name='/name_en']") == "My Park"
        mine.page.locator("#said", has_text="这一页已有变化").wait_for(state="attached")
        mine.press("#changed a")
        assert (mine.path, "Their Park" in mine.text) == (there, True)


def test_a_right_that_is_taken_meanwhile_is_told_in_a_sentence(
    the_cell: Cell, url: str, browser: Any, official: Window, other: UUID
) -> None:
    tenant = official.person.tenant
    person = make_user(the_cell, tenant, "clerk", "observer")
    context = browser.new_context(locale="zh-CN")
    window = Window(context.new_page(), url, person).sign_in()
    written(window, f"{TITLE}(无权)", to=other)
    answer = security(the_cell, tenant).post(f"/v1/users/{person.id}/roles/clerk/withdraw")
    assert answer.status_code == 200, answer.json
    window.press("main button.large[value='send']")
    assert "填写的内容还在" in window.text
    Window(context.new_page(), url, person).sign_in().page.close()
    window.press("main form button")
    assert "您没有此操作的权限" in window.text
    assert notices(the_cell, official, f"{TITLE}(无权)") == 0
    window.open("/console")
    assert "我的草稿" in window.text
    context.close()
