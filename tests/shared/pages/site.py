"""A site of one page that Chromium reads without a server: components or drawings under the policy of all pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, g

from shared.pages.rendering import EVERYWHERE, content_policy
from shared.pages.statics import TYPES, static

HOST = "https://kit.test"
FOLDER = Path(__file__).parent
Answer = Callable[[dict[str, list[str]]], tuple[int, str]]


def made(name: str, **values: Any) -> str:
    """A page of this folder, in Chinese."""
    with Flask("kit").test_request_context():
        g.language = "zh"
        return EVERYWHERE.environment.from_string((FOLDER / name).read_text("utf-8")).render(values)


class Site:
    """What was sent stands in `sent`, what went wrong in the browser in `wrong`."""

    def __init__(self, page: Any, html: str = "") -> None:
        self.page = page
        self.sent: list[tuple[str, dict[str, list[str]]]] = []
        self.wrong: list[str] = []
        self.answers: dict[str, Answer] = {}
        self.html = html or made("kit.html")
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        page.route("**/*", self._serve)
        page.goto(f"{HOST}/kit")

    def _serve(self, route: Any) -> None:
        url = urlsplit(route.request.url)
        if url.path.startswith("/static/"):
            name = url.path.rpartition("/")[2]
            route.fulfill(body=static(name), content_type=TYPES[name[name.rindex(".") :]])
            return
        fields = parse_qs(
            url.query if route.request.method == "GET" else route.request.post_data or "", keep_blank_values=True
        )
        if url.path != "/polled":
            self.sent.append((url.path, fields))
        answer = self.answers.get(url.path)
        status, body = answer(fields) if answer else (200, self.html if url.path == "/kit" else "<title>There</title>")
        if not status:
            route.abort()
            return
        headers = {"Content-Security-Policy": content_policy(has_script=True)}
        route.fulfill(status=status, body=body, content_type="text/html; charset=utf-8", headers=headers)

    def sent_to(self, path: str) -> list[dict[str, list[str]]]:
        """What came to an address, in order."""
        return [fields for sent, fields in self.sent if sent == path]
