"""The components and scripts of the console in Chromium: they fit every screen, and serve the keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.pages.drawing.bars import key_of, ratio
from shared.pages.drawing.lines import sparkline
from shared.pages.drawing.shapes import legend
from tests.builders.browser import PACKAGE, chromium, installed, violations
from tests.shared.pages.site import HOST, Site, made
from tests.shared.pages.test_drawing import DRAWINGS, PARTS

FAULTS = '<div class="faults" role="alert"><h2>有 1 处需要改正</h2><a href="#typed">备注太长</a></div>'
FOCUSED = "document.activeElement.id || document.activeElement.className || document.activeElement.textContent"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    cache = Path(request.config.cache.mkdir("axe"))
    return (installed(PACKAGE, cache) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture
def site(browser: Any) -> Iterator[Site]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(8_000)
    made = Site(page)
    yield made
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440, 3840])
def test_all_fits_every_screen_and_axe_finds_nothing(browser: Any, axe: str, scheme: str, width: int) -> None:
    for html in (made("kit.html"), made("drawings.html", **shown())):
        check(browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme), html, axe)


def shown() -> dict[str, Any]:
    """Every drawing with what goes with it."""
    keys = {"stacked": key_of(PARTS), "map": legend([("flow park", "园区"), ("flow standard", "标准"), ("k2", "2 个")])}
    kinds = {"map": "map", "clock": "clock"}
    small = sparkline([1, 3, 2, 5], title="近四月") + ratio(30, 120, title="四分之一")
    return {
        "drawings": [(name, one, keys.get(name, ""), kinds.get(name, "chart")) for name, one in DRAWINGS.items()],
        "small": small,
    }


def check(page: Any, html: str, axe: str) -> None:
    width = page.viewport_size["width"]
    site = Site(page, html)
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert violations(page, axe) == []
    assert (site.wrong, page.locator("[style]").count()) == ([], 0)
    page.close()


def test_keys_lead_through_the_page_unless_they_are_off(site: Site) -> None:
    page = site.page
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "find"
    page.keyboard.press("j")
    assert page.input_value("#find") == "j"
    page.evaluate("document.activeElement.blur()")
    walked = []
    for key in ("j", "j", "k", "k", "k"):
        page.keyboard.press(key)
        walked.append(page.evaluate("document.activeElement.getAttribute('href')"))
    assert walked == ["/parks/1", "/parks/2", "/parks/1", "/parks/1", "/parks/1"]
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/parks/1"
    page.evaluate("delete document.documentElement.dataset.keys")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url(f"{HOST}/parks")


def test_a_menu_closes_on_escape_and_on_a_click_elsewhere(site: Site) -> None:
    page = site.page
    page.click("#who summary")
    page.keyboard.press("Escape")
    assert page.get_attribute("#who", "open") is None
    assert page.evaluate("document.activeElement.closest('details').id") == "who"
    page.click("#who summary")
    page.click(".verdict")
    assert page.get_attribute("#who", "open") is None


def test_chosen_rows_are_counted_and_only_then_there_is_something_to_do(site: Site) -> None:
    page = site.page
    assert not page.is_visible("[data-bulk]")
    page.check("tbody tr:nth-child(2) input")
    page.click("tbody tr:nth-child(4) input", modifiers=["Shift"])
    assert (page.inner_text("[data-selected-count]"), page.is_visible("[data-bulk]")) == ("3", True)
    assert page.evaluate("document.querySelector('[data-select-page]').indeterminate")
    page.check("[data-select-page]")
    assert page.inner_text("[data-selected-count]") == "5"
    page.uncheck("[data-select-page]")
    assert not page.is_visible("[data-bulk]")


def test_one_of_many_is_found_by_typing_and_sent_by_the_field_that_was_there(site: Site) -> None:
    page = site.page
    site.answers["/choose"] = lambda asked: (
        200,
        f'<option value="{asked["q"][0]}" data-note="50">重庆市 {asked["q"][0]}</option>',
    )
    page.click("label[for=party]")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "combobox"
    page.keyboard.type("cq")
    page.locator("[role=option]", has_text="重庆市 cq").wait_for()
    assert page.evaluate("document.querySelector('#party').checkValidity()") is False
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#party", "aria-activedescendant") == page.get_attribute("[role=option]", "id")
    page.keyboard.press("Enter")
    assert (page.input_value("#party"), page.input_value("select[name=party]")) == ("重庆市 cq", "cq")
    page.fill("#party", "nobody")
    page.keyboard.press("Tab")
    assert (page.input_value("#party"), page.input_value("select[name=party]")) == ("重庆市 cq", "cq")
    page.fill("#party", "")
    page.keyboard.press("Tab")
    assert page.input_value("select[name=party]") == ""


def test_a_form_is_sent_once_however_often_its_button_is_pressed(site: Site) -> None:
    page = site.page
    page.evaluate("for (let i = 0; i < 3; i++) document.querySelector('[value=later]').click()")
    page.wait_for_url(f"{HOST}/kept")
    assert [fields["do"] for fields in site.sent_to("/kept")] == [["later"]]
    page.go_back()
    page.click("[value=send]")
    page.wait_for_url(f"{HOST}/kept")
    assert [fields["do"] for fields in site.sent_to("/kept")] == [["later"], ["send"]]


def test_what_is_typed_is_kept_as_a_draft_without_what_is_secret(site: Site) -> None:
    page = site.page
    page.fill("#why", "征求意见")
    page.locator("[data-draft-said]", has_text=re.compile(r"^草稿已存 \d\d:\d\d$")).wait_for()
    (kept,) = site.sent_to("/drafts/1")
    assert (kept["why"], "secret" in kept) == (["征求意见"], False)
    site.answers["/drafts/1"] = lambda _: (403, "")
    page.fill("#why", "征求意见二")
    page.locator("[data-draft-said]", has_text="草稿没有存上").wait_for()


def test_what_was_typed_a_moment_ago_is_kept_on_leaving(site: Site) -> None:
    page = site.page
    page.evaluate("navigator.sendBeacon = (url, body) => sessionStorage.setItem('kept', `${url} ${body}`)")
    page.fill("#code", "9151")
    page.click(".trail a")
    page.wait_for_url(f"{HOST}/parks")
    assert page.evaluate("sessionStorage.getItem('kept')") == "/drafts/1 why=&code=9151&party="


def test_faults_take_the_focus_and_results_are_said(site: Site) -> None:
    page = site.page
    site.answers["/swap"] = lambda _: (422, FAULTS)
    page.fill("#typed", "太长")
    page.click("#swapping button")
    page.wait_for_selector(".faults")
    assert page.evaluate(FOCUSED) == "faults"
    site.answers["/swap"] = lambda _: (200, '<p data-say="已保存">好</p>')
    page.click("#swapping button")
    page.locator("#said", has_text="已保存").wait_for(state="attached")
    assert page.input_value("#typed") == "太长"


@pytest.mark.parametrize(("status", "shown"), [(503, "broken"), (0, "offline")])
def test_a_fault_of_the_server_or_the_line_is_told_and_nothing_typed_is_lost(
    site: Site, status: int, shown: str
) -> None:
    page = site.page
    page.evaluate("document.querySelector('#polled').remove()")
    site.answers["/swap"] = lambda _: (status, "<h1>503</h1>")
    page.fill("#typed", "写了很久")
    page.click("#swapping button")
    page.wait_for_selector(f"[data-trouble={shown}]:visible")
    assert (page.input_value("#typed"), page.inner_text("#result")) == ("写了很久", "")
    site.answers["/swap"] = lambda _: (200, "好")
    page.click("#swapping button")
    page.locator("#result", has_text="好").wait_for()
    assert not page.is_visible(f"[data-trouble={shown}]")


def test_a_page_that_nobody_sees_asks_for_nothing(site: Site) -> None:
    page = site.page
    with page.expect_request("**/polled"):
        pass
    # Hidden and counting in one step of the page: what was asked before that may still arrive after it.
    page.evaluate("""() => {
      const send = window.fetch;
      window.asked = [];
      window.fetch = (url, ...rest) => (window.asked.push(url), send(url, ...rest));
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
    }""")
    page.evaluate("new Promise(done => setTimeout(done, 450))")
    assert page.evaluate("window.asked") == []
    page.evaluate("delete document.hidden")
    page.evaluate("new Promise(done => setTimeout(done, 450))")
    assert page.evaluate("window.asked.length") > 0


def test_who_leaves_with_something_unkept_is_asked(site: Site) -> None:
    page = site.page
    page.fill("#typed", "x")
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay)
    with page.expect_navigation():
        page.click("a.brand")
    assert (asked, page.input_value("#typed")) == (["beforeunload"], "")
