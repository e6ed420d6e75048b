"""Somebody at the console, without a browser: pages are asked for and forms sent as a browser sends them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.builders.cell import Cell
from tests.builders.identity import Person, csrf_of, sign_in

FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
FIELD = re.compile(r"<(?:input|button|select|textarea)\b[^>]*>")
PAGE = {"Accept": "text/html"}


@dataclass
class Desk:
    """One browser, of one person."""

    cell: Cell
    person: Person
    browser: Any = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.cell.app.test_client()
        sign_in(self.browser, self.person, tenant=self.person.tenant)

    def get(self, url: str, **options: Any) -> Any:
        """The page, after whatever signing in leads to."""
        answer = self.browser.get(url, headers=PAGE, **options)
        for _ in range(6):
            if answer.status_code not in (302, 303) or not self._is_signing_in(answer):
                break
            answer = self.browser.get(_local(answer.headers["Location"]), headers=PAGE)
        return answer

    def _is_signing_in(self, answer: Any) -> bool:
        path = urlsplit(answer.headers["Location"]).path
        return path.startswith(("/console/sign", "/oauth/")) or answer.request.path == "/console/signed-in"

    def send(self, page: Any, action: str, **fields: str) -> Any:
        """The form on the page that is sent to `action`, with these fields filled in."""
        given = {**hidden_of(page, action), **fields}
        return self.browser.post(action, data=given, headers=PAGE)


def sent(desk: Desk, url: str, **fields: str) -> str:
    """The form at `url` filled in, checked where it is, and sent; the address of what came of it."""
    page = desk.get(url)
    assert page.status_code == 200, page.text
    place = url.partition("?")[0]
    if 'value="check"' in page.text:
        page = desk.send(page, place, **fields, do="check")
        assert page.status_code == 200, page.text
        fields = {}
    page = desk.send(page, place, **fields, do="send")
    assert page.status_code == 303, page.text
    desk.cell.carry()
    return str(page.headers["Location"])


def text_of(page: Any) -> str:
    """What a person reads on it."""
    assert page.status_code == 200, page.text
    return read(page)


def read(page: Any) -> str:
    """The same of a page whatever its status."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text)))


def _local(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def hidden_of(page: Any, action: str) -> dict[str, str]:
    """The hidden fields of the form."""
    form = next(one for one in FORM.findall(page.text) if f'action="{html.escape(action)}"' in one)
    found = {}
    for tag in FIELD.findall(form):
        if 'type="hidden"' in tag:
            attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            found[html.unescape(attributes["name"])] = html.unescape(attributes.get("value", ""))
    return found


__all__ = ["Desk", "csrf_of", "hidden_of", "read", "sent", "text_of"]
