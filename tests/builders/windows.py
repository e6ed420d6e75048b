"""Somebody before a window of a browser: by mouse or by keyboard alone, with scripts or without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import TimeoutError as Late

from tests.builders.cell import Cell
from tests.builders.identity import Person
from tests.builders.sizes import FULL

WAYS = ("mouse", "keyboard", "no script") if FULL else ("mouse",)
"""How people go through a page; the longer ways go with `make soak`."""
SEND = "main button.large[value='send']"
LEFT = re.compile(r"^(?!.*(/new\b|/do/))")
"""Addresses that are no form's: where one is led to once it was taken."""
STEPS = 250
"""So often the Tab key is pressed before something counts as out of reach."""
PATIENCE = 40
"""So many times half a second somebody waits for what the page is to say by itself."""
AT = "css => document.activeElement !== document.body && document.activeElement.matches(css)"
CLOSED = "one => { const menu = one.closest('details'); return Boolean(menu) && !menu.open }"
SUMMARY = "one => [...document.querySelectorAll('summary')].indexOf(one.closest('details').querySelector('summary'))"
PICKED = "([name, value]) => document.querySelector(`[name='${name}']:checked`)?.value === value"


@dataclass
class Window:
    """One window, of one person who is signed in."""

    page: Any
    url: str
    person: Person | None
    way: str = "mouse"
    said: list[str] = field(default_factory=list)
    """What the browser's console says: what breaks the page's policy among it."""
    asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(20_000)
        self.page.on("console", lambda line: self.said.append(f"{line.text} ({self.page.url})"))
        self.page.on("request", lambda request: self.asked.add(request.url))

    def sign_in(self) -> Window:
        """By the real forms."""
        assert self.person is not None
        self.page.goto(f"{self.url}/console")
        if self.path == "/console":
            return self
        self.put("login", self.person.login)
        self.put("password", self.person.password)
        self.press("main form[action='/signin'] button.button")
        if self.person.otp_secret is not None:
            self.put("code", self.person.code())
            self.press("main form button.button")
        self.page.wait_for_url("**/console")
        return self

    def open(self, path: str) -> Any:
        """The page at that address."""
        answer = self.page.goto(f"{self.url}{path}")
        assert answer is not None
        return answer

    @property
    def by_keyboard(self) -> bool:
        return self.way == "keyboard"

    @property
    def path(self) -> str:
        """Where the window is."""
        return urlsplit(self.page.url).path

    @property
    def text(self) -> str:
        """What the page says."""
        found: str = self.page.inner_text("main")
        return found

    def reach(self, css: str) -> None:
        """Press Tab until it is there."""
        for _ in range(STEPS):
            if self.page.evaluate(AT, css):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {css} on {self.page.url}")

    def press(self, css: str) -> None:
        """A button or a link; the menu that it is in is opened first."""
        target = self.page.locator(css).first
        target.wait_for(state="attached")
        if target.evaluate(CLOSED):
            # By its place, for a summary has no name of its own.
            summary = self.page.locator("summary").nth(target.evaluate(SUMMARY))
            if self.by_keyboard:
                summary.evaluate("one => { one.dataset.reached = '' }")
                self.reach("[data-reached]")
                self.page.keyboard.press("Enter")
            else:
                summary.click()
        if self.by_keyboard:
            self.reach(css)
        with self.page.expect_navigation():
            if self.by_keyboard:
                self.page.keyboard.press("Enter")
            else:
                target.click()

    def put(self, name: str, value: str) -> None:
        """Type or choose what a field is to hold; a box is ticked by "true"."""
        css = f"[name='{name}']"
        one = self.page.locator(f"{css}:not([type=hidden])").first
        one.wait_for()
        tag, kind = one.evaluate("one => [one.tagName, one.type]")
        if self.by_keyboard:
            self._put_by_keys(f"{css}:not([type=hidden])", value, tag=tag, kind=kind)
        elif tag == "SELECT":
            one.select_option(value)
        elif kind in ("radio", "checkbox"):
            self.page.locator(f"{css}[value='{value}']").check()
        else:
            one.fill(value)

    def fill(self, **fields: str) -> None:
        """Each field of the form that the window shows, in the order of the page; `/` stands before their names."""
        for name, value in fields.items():
            self.put(f"/{name.replace('__', '/')}", value)

    def goes(self, area: str) -> None:
        """By the menu at the side."""
        self.press(f".side a[href='/console/{area}']")

    def shown_once(self) -> str:
        """The form is sent; what its answer shows this once."""
        if self.page.locator("main button.large[value='check']").count():
            self.press("main button.large[value='check']")
        self.press(SEND)
        found: str = self.page.inner_text("main code.secret")
        return found

    def downloads(self, css: str) -> bytes:
        """What a link brings as a file."""
        with self.page.expect_download() as coming:
            if self.by_keyboard:
                self.reach(css)
                self.page.keyboard.press("Enter")
            else:
                self.page.locator(css).first.click()
        return Path(coming.value.path()).read_bytes()

    def attach(self, name: str, content: bytes, *, to: str) -> None:
        """A file for the field, which is sent at once; the browser's own dialogue is the same for everybody."""
        css = f"[name='upload:{to}']"
        with self.page.expect_file_chooser() as coming:
            if self.by_keyboard:
                self.reach(css)
                self.page.keyboard.press("Enter")
            else:
                self.page.locator(css).click()
        coming.value.set_files({"name": name, "mimeType": "application/pdf", "buffer": content})
        self.press("main button[value='upload']")

    def sent(self) -> None:
        """The form is checked where it is, and sent; it is done when its page is left for that of the thing."""
        if self.page.locator("main button.large[value='check']").count():
            self.press("main button.large[value='check']")
        self.press(SEND)
        self.page.wait_for_url(LEFT)
        if "/console/sent/" in self.page.url:
            # It is the other side that decides: the page waits for its answer.
            self.page.locator(".state.good").wait_for()
            self.press("main .body a.button")

    def hears(self, text: str, *, at: str = "main") -> None:
        """Time goes by before the open page, until it says so there by itself; without scripts it is loaded again."""
        for _ in range(PATIENCE):
            if self.way == "no script":
                self.page.reload()
            else:
                self.page.clock.fast_forward(25_000)
            try:
                self.page.locator(at).filter(has_text=text).first.wait_for(timeout=500)
            except Late:
                continue
            return
        raise AssertionError(f"{self.page.url} does not say {text}: {self.text}")

    def _put_by_keys(self, css: str, value: str, *, tag: str, kind: str) -> None:
        self.reach(css)
        keys = self.page.keyboard
        if tag == "SELECT":
            at = "css => [...document.querySelector(css).options].findIndex(one => one.selected)"
            there = "([css, value]) => [...document.querySelector(css).options].findIndex(one => one.value === value)"
            steps = self.page.evaluate(there, [css, value]) - self.page.evaluate(at, css)
            for _ in range(abs(steps)):
                keys.press("ArrowDown" if steps > 0 else "ArrowUp")
        elif kind == "radio":
            name = css.partition("'")[2].partition("'")[0]
            keys.press("Space")
            for _ in range(10):
                if self.page.evaluate(PICKED, [name, value]):
                    return
                keys.press("ArrowDown")
            raise AssertionError(f"{value} cannot be chosen")
        elif kind == "checkbox":
            if not self.page.locator(css).is_checked():
                keys.press("Space")
        else:
            keys.press("Control+a")
            keys.insert_text(value)


@contextmanager
def window(browser: Any, url: str, person: Person | None = None, *, way: str = "mouse") -> Iterator[Window]:
    """A browser of somebody's own, signed in; of a visitor, who is nobody in particular."""
    context = browser.new_context(java_script_enabled=way != "no script", viewport={"width": 1280, "height": 900},
                                  locale="zh-CN")  # fmt: skip
    try:
        if way != "no script":
            context.clock.install()
        made = Window(context.new_page(), url, person, way)
        yield made.sign_in() if person else made
    finally:
        context.close()


class Carrying:
    """Carries messages while windows wait for each other, as relay and worker do."""

    def __init__(self, cell: Cell) -> None:
        self._cell, self._over = cell, Event()
        self._thread = Thread(target=self._carry, daemon=True)

    def _carry(self) -> None:
        while not self._over.wait(0.05):
            self._cell.carry()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)
