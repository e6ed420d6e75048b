"""Pictures of the pages of a running stack, and sheets of them for `docs/images/`: `make pictures`.

The stack is the one that `make run` keeps, with the demonstration played; the accounts are those of the demonstration.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from deploy.signing_in import Login, kept_accounts
from shared.core.settings import Settings

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
THEMES = ("light", "dark")
WIDE, NARROW = (1440, 900), (360, 740)
THUMB = 360
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


PUBLIC = (
    "/",
    "/parks",
    "/jurisdictions",
    "/standards",
    "/consultations",
    "/bodies",
    "/open-data",
    "/status",
    "/accessibility",
)
LISTS = (
    "standards", "projects", "recognitions", "certificates", "bodies", "consequences", "organisations", "applications",
    "cards", "notices",
)  # fmt: skip
OFFICIAL, SYSTEM, SECURITY, AUDIT = (f"{name}@sichuan" for name in ("signatory", "system", "security", "audit"))
VIEWS = (
    *(View(f"portal{path.replace('/', '-')}", "", path) for path in PUBLIC),
    View("workbench", OFFICIAL, "/console"),
    View("parks", OFFICIAL, "/console/parks"),
    View("parks-empty", OFFICIAL, "/console/parks?q=没有这样的园区"),
    View("park", OFFICIAL, "/console/parks?q=高竹", (ROW,)),
    View("park-timeline", OFFICIAL, "/console/parks?q=高竹", (ROW, "nav.tabs a[href*=timeline]")),
    View("park-delivery", OFFICIAL, "/console/parks?q=高竹", (ROW, "nav.tabs a[href*=delivery]")),
    View("agreement", OFFICIAL, "/console/parks?q=高竹", (ROW, "nav.tabs a[href*=agreements]", ROW)),
    View("agreement-new", OFFICIAL, "/console/parks?q=高竹", (ROW, "a[href$='/do/propose']")),
    View("park-new", OFFICIAL, "/console/parks/new"),
    *(View(name, OFFICIAL, f"/console/{name}") for name in LISTS),
    *(
        View(f"{name}-one", OFFICIAL, f"/console/{name}", (ROW,))
        for name in ("standards", "certificates", "recognitions")
    ),
    View("recognition", OFFICIAL, "/console/recognition"),
    View("search", OFFICIAL, "/console/search?q=高"),
    View("calendar", OFFICIAL, "/console/calendar"),
    View("notifications", OFFICIAL, "/console/notifications"),
    View("keys", OFFICIAL, "/console/keys"),
    View("users", SYSTEM, "/console/users"),
    View("clients", SYSTEM, "/console/clients"),
    View("roles", SECURITY, "/console/roles"),
    View("audit", AUDIT, "/console/audit"),
)


def sign_in(page: Page, base: str, account: Login) -> None:
    """As a person does, page after page."""
    page.goto(f"{base}/console")
    for _ in range(MOST_STEPS):
        if "/signin" not in page.url:
            return
        fields = {"login": account.login, "password": account.password, "code": account.code()}
        asked = [name for name in fields if page.locator(f"input[name={name}]").count()]
        for name in asked:
            page.fill(f"input[name={name}]", fields[name])
        if asked:
            page.locator("main button[type=submit]").first.click()
        # A page that leads on by itself needs a moment.
        page.wait_for_timeout(0 if asked else 500)
        page.wait_for_load_state()


def shown(page: Page, base: str, view: View) -> bool:
    """Whether the page is there: what its list does not have cannot be followed."""
    page.goto(f"{base}{view.path}")
    for selector in view.follow:
        link = page.locator(selector)
        if not link.count():
            return False
        link.first.click()
        page.wait_for_load_state()
    return True


def take(browser: Browser, base: str, *, accounts: dict[str, Login], folder: Path) -> Iterator[str]:
    """Every view in both languages and themes; each account signs in once for each."""
    for (language, locale), theme in product(LANGUAGES.items(), THEMES):
        for name in dict.fromkeys(view.account for view in VIEWS):
            size = {"width": WIDE[0], "height": WIDE[1]}
            context = browser.new_context(locale=locale, color_scheme=theme, viewport=size)  # type: ignore[arg-type]
            context.set_default_timeout(60_000)
            page = context.new_page()
            if name and name in accounts:
                sign_in(page, base, accounts[name])
            for view in (one for one in VIEWS if one.account == name and (not name or name in accounts)):
                if shown(page, base, view):
                    page.screenshot(path=folder / f"{view.name}-{language}-{theme}.png")
                    yield f"{view.name}-{language}-{theme}"
            context.close()


def sheet(browser: Browser, files: Sequence[Path], *, target: Path) -> None:
    """One picture of many, small: four in a row, each with its name."""
    cells = "".join(
        f"<figure style='margin:0'><img src='{file.name}' width='{THUMB}'><figcaption>{file.stem}</figcaption></figure>"
        for file in files
    )
    style = "body{display:grid;grid-template-columns:repeat(4,auto);gap:8px;margin:8px;font:11px sans-serif}"
    page_file = files[0].parent / "sheet.html"
    page_file.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{cells}", "utf-8")
    page: Any = browser.new_page(viewport={"width": 4 * (THUMB + 8) + 8, "height": 600})
    page.goto(page_file.as_uri())
    page.screenshot(path=target, full_page=True)
    page.close()


def main() -> None:
    """Takes them all; says how many."""
    settings = Settings.load()
    accounts = kept_accounts(settings.home)
    if not accounts:
        sys.exit("没有演示账号,请先 make run / There are no demonstration accounts: start with `make run`")
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        taken = list(take(browser, settings.issuer, accounts=accounts, folder=folder))
        for language, theme in product(LANGUAGES, THEMES):
            files = sorted(folder.glob(f"*-{language}-{theme}.png"))
            sheet(browser, files, target=IMAGES / f"pages-{language}-{theme}.png")
        for language, name in (("zh", "console.zh.png"), ("en", "console.png")):
            shutil.copy(folder / f"park-{language}-light.png", IMAGES / name)
        browser.close()
    print(f"{len(taken)} 张图片 / pictures: {IMAGES}")  # noqa: T201 - says what was done


if __name__ == "__main__":
    main()
