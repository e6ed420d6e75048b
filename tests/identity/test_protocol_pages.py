"""The consent page and the device page in a real browser: they work without scripts, and axe-core finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from tests.builders.browser import PACKAGE, chromium, installed, violations
from tests.builders.cell import Cell
from tests.builders.identity import PASSWORD
from tests.builders.oauth import App, command_line, make_client, official
from tests.builders.served import served
from tests.identity.test_protocol_endpoints import begun


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    cache = Path(request.config.cache.mkdir("axe"))
    return (installed(PACKAGE, cache) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def visit(page: Any, app: App, url: str, login: str) -> None:
    """From the client to the consent page, through the sign-in page."""
    page.goto(f"{url}/oauth/authorize?{urlencode(app.query(redirect_uri=f'{url}/back'))}")
    if page.query_selector("#login"):
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("main form button")
    page.wait_for_selector("button[value=allow]")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_consent_and_device_pages_are_accessible(
    cell: Cell, sichuan: UUID, browser: Any, axe: str, language: str
) -> None:
    person, cli = official(cell, sichuan), command_line(cell)
    found: dict[str, list[str]] = {}
    with served(cell) as url:
        # The address is only looked at: nothing is registered that a browser could not reach here.
        app = make_client(cell, sichuan, "public", redirect_uris=("http://127.0.0.1/back",))
        context = browser.new_context(locale=language, java_script_enabled=True)
        page = context.new_page()

        def see(name: str) -> None:
            found[name] = violations(page, axe)

        visit(page, app, url, person.login)
        see("consent")
        page.click("button[value=allow]")
        page.wait_for_url("**/back?code=*")
        page.goto(f"{url}/device")
        see("device")
        page.fill("#user_code", "aeiou")
        page.click("main form button")
        see("device-wrong")
        page.fill("#user_code", begun(cli)["user_code"])
        page.click("main form button")
        page.wait_for_selector("button[value=allow]")
        see("device-confirm")
        page.click("button[value=allow]")
        see("device-allowed")
        page.goto(f"{url}/oauth/authorize?client_id=nobody")
        see("error")
        context.close()
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) == 6
