"""A real browser reads every page, light and dark, on small and large screens: axe-core and the policy find nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.portal.calling import registers
from services.portal.kit import streams
from shared.core.portal_settings import PortalSettings
from tests.builders.browser import JUDGE, PACKAGE, STANDARD, chromium, installed
from tests.builders.cell import Cell
from tests.builders.served import served
from tests.parks.builders import Story
from tests.portal.conftest import TOKEN, World
from tests.portal.test_pages import addresses

SCREENS = {"zh": ((1440, "light"), (360, "dark")), "en": ((360, "light"), (3840, "dark"))}
"""Every page is seen in both languages, in both themes and on small and large screens; to judge takes the time."""
WIDTHS = (360, 768, 1440, 3840)
OPENED = "document.querySelectorAll('details').forEach(one => { one.open = true })"
STILL = """() => { window.moved = []; new MutationObserver(changes => window.moved.push(...changes.flatMap(
    change => [...change.addedNodes].map(node => node.id).filter(Boolean)))
).observe(document.querySelector(".stage"), {childList: true, subtree: true}) }"""
"""Which parts of the wall are replaced from now on."""
FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    cache = Path(request.config.cache.mkdir("axe"))
    return (installed(PACKAGE, cache) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def judged(page: Any, path: str, *, language: str) -> list[str]:
    """What axe-core finds on these screens, and which screen the page is wider than."""
    found = []
    for width, scheme in SCREENS[language]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        found += [f"{path} {width} {scheme} {fault}" for fault in page.evaluate(JUDGE, STANDARD)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [] if page.evaluate(FITS) else [f"{path} is wider than {width}"]
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_accessible_and_keeps_the_policy(
    cell: Cell, world: World, browser: Any, axe: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "FRESH", 60.0)
    found, said, asked = [], list[str](), set[str]()
    wall = f"/wall?token={TOKEN}"
    with served(cell, portal=PortalSettings(wall_token=TOKEN)) as url:
        page = browser.new_page()
        page.on("console", lambda line: said.append(line.text))
        page.on("request", lambda request: asked.add(request.url))
        for path in [*addresses(world), wall, f"{wall}&as=list"]:
            answer = page.goto(f"{url}{path}{'&' if '?' in path else '?'}lang={language}")
            assert answer is not None
            assert answer.status == 200, path
            page.evaluate(OPENED)
            page.evaluate(axe)
            found += judged(page, path, language=language)
        page.close()
    assert found == []
    assert said == []
    assert [one for one in asked if not one.startswith((url, "data:"))] == []


def test_the_wall_shows_a_change_without_reading_itself_anew_and_says_when_nobody_answers(
    cell: Cell, world: World, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "EVERY", 0.1)
    said, asked = list[str](), list[str]()
    with served(cell, portal=PortalSettings(wall_token=TOKEN)) as url:
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
        page.on("console", lambda line: said.append(line.text))
        page.on("request", lambda request: asked.append(request.url))
        page.clock.install()
        with page.expect_response("**/wall/events*"):
            page.goto(f"{url}/wall?token={TOKEN}&lang=zh")
        page.evaluate(STILL)
        page.locator("footer a").focus()
        before = len(asked)
        page.wait_for_timeout(1000)
        assert (page.evaluate("window.moved"), asked[before:]) == ([], []), "nothing changed, nothing moves"
        for width in (1920, 3840):
            page.set_viewport_size({"width": width, "height": width * 9 // 16})
            story = Story(cell, world.one, world.other)
            story.draft(name_zh=f"{width} 号园区")
            story.conclude()
            page.wait_for_selector(f"text={width} 号园区")
            assert page.evaluate(FITS)
        assert page.evaluate("window.moved").count("clock") >= 2, "the page itself was never left"
        assert page.evaluate("document.activeElement.matches('footer a')")
        assert set(asked[before:]) == {f"{url}/wall?token={TOKEN}&lang=zh"}
        assert (said, page.inner_text(".lost")) == ([], "")
        monkeypatch.setattr(streams, "LASTS", 0.0)
        page.context.set_offline(True)
        page.clock.fast_forward(10_000)
        page.wait_for_selector(".lost:not(:empty)")
        assert re.fullmatch("显示的是 [0-9]{2}:[0-9]{2} 的情况.正在重新连接", page.inner_text(".lost"))
        page.context.set_offline(False)
        page.clock.fast_forward(20_000)
        page.wait_for_selector(".lost:empty", state="attached")
        page.close()


def test_a_visitor_comments_by_keyboard_alone_and_without_scripts(cell: Cell, world: World, browser: Any) -> None:
    with served(cell) as url:
        context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(f"{url}/consultations?lang=zh")
        page.locator(f"a[href*='{world.consultation}']").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/consultations/**")
        page.locator("#clause").focus()
        page.keyboard.type("5.1")
        page.locator("button[type=submit]").press("Enter")
        page.wait_for_selector(".faults a")
        assert page.input_value("#clause") == "5.1"
        page.locator(".faults a").press("Enter")
        page.locator("#text").focus()
        page.keyboard.type("建议放宽至每立方米 0.1 毫克")
        page.locator("button[type=submit]").press("Enter")
        page.wait_for_url("**received=**")
        assert "意见已收到" in page.inner_text("main")
        context.close()
