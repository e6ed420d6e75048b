"""A real browser goes through every page, without scripts of ours, in both languages; axe-core finds nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from services.identity.commands import accounts
from tests.builders.browser import PACKAGE, chromium, installed, violations
from tests.builders.cell import Cell
from tests.builders.identity import PASSWORD, Person, make_user
from tests.builders.oauth import REDIRECT, command_line, make_client
from tests.builders.served import served

See = Callable[[Any, str], None]
NOBODY = "0" * 32 + ".nothing"
PATIENCE = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    cache = Path(request.config.cache.mkdir("axe"))
    return (installed(PACKAGE, cache) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def first_sign_in(page: Any, person: Person, see: See, *, invitation: str) -> None:
    """From the invitation to the account, with a password and a second factor."""
    page.goto(invitation)
    see(page, "invitation")
    page.fill("#password", "password1234")
    page.fill("#again", "password1234")
    page.click("main button[type=submit]")
    see(page, "invitation-refused")
    page.click(".faults a")
    assert page.evaluate("document.activeElement.id") == "password"
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("main button[type=submit]")
    see(page, "set-up")
    person.otp_secret = page.inner_text(".key").replace(" ", "")
    page.fill("#code", "000000")
    page.click("main button[type=submit]")
    see(page, "set-up-refused")
    page.fill("#code", person.code())
    page.click("main button[type=submit]")
    see(page, "recovery-codes")
    person.recovery = page.inner_text(".codes").split()
    page.click("button[data-act=copy]")
    page.wait_for_selector("[data-copied]:not([hidden])")
    page.click("main a.button")
    see(page, "account")


def forgets(page: Any, person: Person, see: See, *, url: str) -> None:
    """From the first page to the one that asks the administrators for help."""
    page.goto(url)
    see(page, "start")
    page.click("header a[href='/console']")
    page.click("main a[href^='/signin/forgotten']")
    see(page, "forgotten")
    page.fill("#login", person.login)
    page.click("main form button")
    see(page, "forgotten-asked")


def comes_back(page: Any, person: Person, see: See) -> None:
    """Signs out, fails, signs in with password and one-time password, and once more with a recovery code."""
    page.click("a[href='/account/password']")
    see(page, "password")
    page.click("main form button")
    see(page, "password-refused")
    page.goto(page.url.replace("/account/password", "/signout"))
    see(page, "sign-out")
    page.click("main form button")
    see(page, "signed-out")
    page.fill("#login", person.login)
    page.fill("#password", "wrong")
    page.click("main form button")
    see(page, "sign-in-refused")
    for way in ("app", "recovery"):
        page.fill("#login", person.login)
        page.fill("#password", PASSWORD)
        page.click("main form button")
        see(page, "factor")
        if way == "recovery":
            page.click("a[href*='way=recovery']")
            see(page, "factor-recovery")
        page.fill("#code", "111111")
        page.click("main form button")
        see(page, f"factor-{way}-refused")
        page.fill("#code", person.code() if way == "app" else person.recovery[0].lower())
        page.click("main form button")
        see(page, f"factor-{way}-given")
        if way == "app":
            page.click("form[action='/signout'] button")


def joins_another_tenant(page: Any, see: See, *, invitation: str) -> None:
    """Accepts a membership, then chooses whom to act for."""
    page.goto(invitation)
    see(page, "invitation-elsewhere")
    page.click("main form button")
    see(page, "tenant")
    page.check(".choice:nth-of-type(2) input")
    page.click("main form button")
    page.wait_for_url("**/account", timeout=PATIENCE)
    see(page, "account-elsewhere")
    page.goto(page.url.replace("/account", f"/invitation/{NOBODY}"))
    see(page, "error")


def lets_applications_in(page: Any, see: See, *, cell: Cell, tenant: UUID, url: str) -> None:
    """Allows a client of the tenant on its page of consent, and a device by its code."""
    app = make_client(cell, tenant)
    page.route(f"{REDIRECT}*", lambda route: route.fulfill(body="<h1>back</h1>", content_type="text/html"))
    page.goto(f"{url}/oauth/authorize?{urlencode(app.query())}")
    see(page, "consent")
    page.click("main form button[value=allow]")
    page.wait_for_selector("text=back")
    device = command_line(cell).post("device_authorization").json
    page.goto(f"{url}/device")
    see(page, "device")
    page.fill("#user_code", device["user_code"])
    page.click("main form button")
    see(page, "device-confirm")
    page.click("main form button[value=allow]")
    see(page, "device-allowed")


def invitations(cell: Cell, sichuan: UUID, chongqing: UUID) -> tuple[Person, str, str]:
    """Somebody who is about to come, and the paths of both links."""
    with cell.session(sichuan) as session:
        invited = accounts.invite(
            session, login="zhang.wei", name="张伟", email="zhang.wei@example.cn", roles=["system_administrator"]
        )
        listing = session.directory.listing(session, sichuan)
        assert invited.user is not None
        person = Person(cell, sichuan, invited.user.id, f"zhang.wei@{listing.code}")
    with cell.session(chongqing) as session:
        elsewhere = accounts.invite(session, roles=["observer"], account=(sichuan, person.id))
    return person, f"/invitation/{invited.token}", f"/invitation/{elsewhere.token}"


def journey(page: Any, cell: Cell, see: See, *, tenants: tuple[UUID, UUID], url: str) -> None:
    person, here, elsewhere = invitations(cell, *tenants)
    page.set_default_timeout(PATIENCE)
    forgets(page, person, see, url=url)
    first_sign_in(page, person, see, invitation=url + here)
    comes_back(page, person, see)
    joins_another_tenant(page, see, invitation=url + elsewhere)
    lets_applications_in(page, see, cell=cell, tenant=tenants[1], url=url)


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_every_page_can_be_used_by_everybody(
    cell: Cell, sichuan: UUID, chongqing: UUID, browser: Any, axe: str, locale: str, scheme: str
) -> None:
    found: dict[str, list[str]] = {}
    titles: dict[str, str] = {}

    def see(page: Any, name: str) -> None:
        page.wait_for_load_state()
        assert page.get_attribute("html", "lang") == ("zh-CN" if locale == "zh-CN" else "en")
        found[name], titles[name] = violations(page, axe), page.title()

    with served(cell) as url:
        context = browser.new_context(locale=locale, color_scheme=scheme)
        journey(context.new_page(), cell, see, tenants=(sichuan, chongqing), url=url)
        context.close()
    assert {name: items for name, items in found.items() if items} == {}
    assert len(found) == 28
    refused = [title for name, title in titles.items() if name.endswith("refused")]
    assert all(title.startswith(("错误\uff1a", "Error: ")) for title in refused), refused


def test_a_page_works_at_320_pixels_and_with_every_target_large_enough(cell: Cell, sichuan: UUID, browser: Any) -> None:
    person = make_user(cell, sichuan, "official")
    with served(cell) as url:
        context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 640})
        page = context.new_page()
        page.goto(f"{url}/signin")
        page.fill("#login", person.login)
        page.fill("#password", person.password)
        page.click("main form button")
        page.wait_for_url("**/account", timeout=PATIENCE)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        shown = "[...document.querySelectorAll('main :not(thead *)')]"
        assert page.evaluate(f"Math.max(...{shown}.map(e => e.getBoundingClientRect().right))") <= 320, (
            "a table or a card sticks out"
        )
        heights = page.evaluate("[...document.querySelectorAll('button, input')].map(e => e.offsetHeight)")
        assert [height for height in heights if 0 < height < 24] == []
        context.close()


def test_the_browser_goes_on_to_the_protocol_and_no_script_nor_foreign_source_is_asked_for(
    cell: Cell, sichuan: UUID, browser: Any
) -> None:
    person = make_user(cell, sichuan, "official")
    asked: list[str] = []
    with served(cell) as url:
        context = browser.new_context()
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: asked.append(f"console: {message.text}"))
        page.route(
            re.compile("^[^?]+/oauth/authorize"),
            lambda route: route.fulfill(body="<h1>arrived</h1>", content_type="text/html"),
        )
        page.goto(f"{url}/signin?next=/oauth/authorize?client_id=a")
        page.fill("#login", person.login)
        page.fill("#password", person.password)
        page.click("main form button")
        page.wait_for_selector("text=arrived", timeout=PATIENCE)
        context.close()
        assert [item for item in asked if not item.startswith((url, "data:"))] == []
