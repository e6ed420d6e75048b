"""Pictures of the pages of a running stack, and sheets of them for `docs/images/`: `make pictures`.

The stack is the one that `make run` keeps, with the demonstration played; the accounts are those of the demonstration.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, sync_playwright

from deploy.signing_in import Login, kept_accounts
from shared.core.settings import Settings

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
THEMES = ("light", "dark")
SCREENS = {"": (1440, 900), "-small": (360, 740)}
VARIANTS = (*product(LANGUAGES, THEMES, ("",)), ("zh", "light", "-small"), ("en", "dark", "-small"))
TALLEST = 2400
"""Pixels of a page that are shown."""
THUMB, IN_A_ROW = 300, 6
MOST_STEPS = 12
ROW = "table.list tbody th a"
"""The first thing of a list."""


@dataclass(frozen=True)
class View:
    """One page to be taken: by whom, where, and which links are followed from there."""

    name: str
    account: str
    path: str
    follow: tuple[str, ...] = ()


def of(account: str, *names: str) -> tuple[View, ...]:
    """Pages of the console that an address opens."""
    return tuple(View(re.sub(r"\W+", "-", name), account, f"/console/{name}") for name in names)


PUBLIC = (
    "/", "/parks", "/jurisdictions", "/standards", "/consultations", "/bodies", "/open-data", "/status", "/about",
    "/accessibility", "/signin",
)  # fmt: skip
OFFICIAL, SYSTEM, SECURITY, AUDIT, MANAGER = (
    f"{name}@sichuan" for name in ("signatory", "system", "security", "audit", "manager")
)
PARK = "/console/parks?q=高竹"
ONE_AGREEMENT = (ROW, "nav.tabs a[href*=agreements]", ROW)
VIEWS = (
    *(View(f"portal{path.replace('/', '-')}", "", path) for path in PUBLIC),
    View("portal-jurisdiction", "", "/jurisdictions/sichuan"),
    View("portal-standard", "", "/standards", ("main a[href^='/standards/']",)),
    View("portal-consultation", "", "/consultations", ("main a[href^='/consultations/']",)),
    View("wall", "", "/wall?token={wall}"),
    View("workbench", OFFICIAL, "/console"),
    View("parks-empty", OFFICIAL, "/console/parks?q=没有这样的园区"),
    View("park", OFFICIAL, PARK, (ROW,)),
    View("park-timeline", OFFICIAL, PARK, (ROW, "nav.tabs a[href*=timeline]")),
    View("park-delivery", OFFICIAL, PARK, (ROW, "nav.tabs a[href*=delivery]")),
    View("park-suspend", OFFICIAL, PARK, (ROW, "a[href$='/do/suspend']")),
    View("agreement", OFFICIAL, PARK, ONE_AGREEMENT),
    View("agreement-new", OFFICIAL, PARK, (ROW, "a[href$='/do/propose']")),
    View("standards-compare", OFFICIAL, "/console/standards/compare"),
    *of(
        OFFICIAL, "parks", "parks/new", "standards", "projects", "recognitions", "certificates", "bodies",
        "consequences", "organisations", "imports/new", "applications", "cards", "notices", "recognition",
        "recognition/many", "recognition/dry-run", "search?q=高", "calendar", "last-day",
        "last-day?days=20&begins_on=2026-12-20", "notifications", "jobs", "keys",
        "requests", "requests/new", "service-items", "service-items/new", "facilities", "facilities/new", "bookings",
    ),
    *(
        View(f"{name}-one", OFFICIAL, f"/console/{name}", (ROW,))
        for name in ("standards", "projects", "certificates", "bodies", "consequences", "organisations", "notices",
                     "requests", "service-items")
    ),
    View("recognitions-one", OFFICIAL, "/console/recognitions", (ROW,)),
    View("certificate-revoke", OFFICIAL, "/console/certificates", (ROW, "a[href$='/do/revoke']")),
    *of(
        SYSTEM, "health", "waiting", "users", "users/new", "clients", "providers", "commands", "registers", "contact",
        "tenants", "calendars", "calendars/new", "calendars/new/imports",
    ),
    View("user-one", SYSTEM, "/console/users", (ROW,)),
    *of(SECURITY, "roles", "who-may-what", "sign-in-rules", "token-keys"),
    *of(AUDIT, "audit"),
    *of(MANAGER, "members", "members/new"),
    View("organisation-workbench", MANAGER, "/console"),
)  # fmt: skip


def sign_in(page: Page, settings: Settings, account: Login) -> None:
    """As a person does, page after page."""
    page.goto(f"{settings.issuer}/console")
    for _ in range(MOST_STEPS):
        if "/signin" not in page.url:
            return
        fields = {"login": lambda: account.login, "password": lambda: account.password, "code": account.code}
        asked = [name for name in fields if page.locator(f"input[name={name}]").count()]
        for name in asked:
            page.fill(f"input[name={name}]", fields[name]())
        if asked:
            page.locator("main button[type=submit]").first.click()
        # A page that leads on by itself needs a moment; a code that was used already needs the next one.
        page.wait_for_timeout(500 if not asked else 5_000 if page.locator(".faults").count() else 0)
        page.wait_for_load_state()
    raise RuntimeError(f"{account.login} is not signed in: {page.url}")


def shown(page: Page, settings: Settings, view: View) -> bool:
    """Whether the page is there: what its list does not have cannot be followed."""
    page.goto(settings.issuer + view.path.format(wall=settings.portal.wall_token))
    for selector in view.follow:
        link = page.locator(selector)
        if not link.count():
            return False
        page.goto(urljoin(page.url, link.first.get_attribute("href") or ""))
    return True


def take(browser: Browser, settings: Settings, *, accounts: dict[str, Login], folder: Path) -> Iterator[str]:
    """Every view in each variant; each account signs in once for each."""
    for language, theme, screen in VARIANTS:
        locale, (width, height) = LANGUAGES[language], SCREENS[screen]
        for name in dict.fromkeys(view.account for view in VIEWS):
            size = {"width": width, "height": height}
            context = browser.new_context(locale=locale, color_scheme=theme, viewport=size)  # type: ignore[arg-type]
            context.set_default_timeout(60_000)
            page = context.new_page()
            if name and name in accounts:
                sign_in(page, settings, accounts[name])
            for view in (one for one in VIEWS if one.account == name and (not name or name in accounts)):
                if shown(page, settings, view):
                    tall = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
                    page.set_viewport_size({"width": width, "height": max(height, tall)})
                    page.screenshot(path=folder / f"{view.name}-{language}-{theme}{screen}.png")
                    page.set_viewport_size({"width": width, "height": height})
                    yield f"{view.name}-{language}-{theme}{screen}"
            context.close()


def sheet(browser: Browser, files: Sequence[Path], *, target: Path) -> None:
    """One picture of many, small, each with its name."""
    cells = "".join(
        f"<figure style='margin:0'><div><img src='{file.name}'></div><figcaption>{file.stem}</figcaption></figure>"
        for file in files
    )
    style = (
        f"body{{display:grid;grid-template-columns:repeat({IN_A_ROW},auto);gap:8px;margin:8px;font:11px sans-serif}}"
        f"img{{width:{THUMB}px}} div{{width:{THUMB}px;height:{THUMB}px;overflow:hidden;border:1px solid #ccc}}"
    )
    page_file = files[0].parent / "sheet.html"
    page_file.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{cells}", "utf-8")
    page: Any = browser.new_page(viewport={"width": IN_A_ROW * (THUMB + 10) + 8, "height": 600})
    page.goto(page_file.as_uri())
    page.screenshot(path=target, full_page=True, type="jpeg", quality=60)
    page.close()


def main() -> None:
    """Takes them all; says how many."""
    settings = Settings.load()
    accounts = kept_accounts(settings.home)
    if not accounts:
        sys.exit("没有演示账号,请先 make run / There are no demonstration accounts: start with `make run`")
    folder = settings.home / "pictures"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        taken = list(take(browser, settings, accounts=accounts, folder=folder))
        for variant in map("-".join, product(LANGUAGES, THEMES)):
            sheet(browser, sorted(folder.glob(f"*-{variant}.png")), target=IMAGES / f"pages-{variant}.jpg")
        for language, name in (("zh", "console.zh.png"), ("en", "console.png")):
            shutil.copy(folder / f"park-{language}-light.png", IMAGES / name)
        browser.close()
    print(f"{len(taken)} 张图片 / pictures: {folder}, {IMAGES}")  # noqa: T201 - says what was done


if __name__ == "__main__":
    main()
