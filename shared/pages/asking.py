"""Pages ask the API as any other client does: in this process, or over HTTP where another one answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from flask import current_app, g, has_request_context, request

from events.foreign import read
from shared.core.errors import ProblemError, UnavailableError
from shared.http.requests.gate import database

PATIENCE = 30.0
LARGEST = 2**26
"""Bytes of JSON that are read."""


class Fault(NamedTuple):
    """What is wrong at one place of what was sent, as the API says it."""

    pointer: str
    zh: str
    en: str


@dataclass(frozen=True)
class Answer:
    """What the API answered; `body` is None where that is not JSON."""

    status: int
    body: Any
    headers: Mapping[str, str]
    content: bytes = field(repr=False, default=b"")

    @property
    def etag(self) -> str:
        """With its quotes; '' where there is none."""
        return self.headers.get("ETag", "")


class RefusedByApiError(Exception):
    """The API refused; in both languages what is wrong and what to do now, and the faults by place."""

    def __init__(self, answer: Answer) -> None:
        problem = answer.body if isinstance(answer.body, dict) else {}
        message = problem.get("message") or {}
        self.answer, self.status = answer, answer.status
        self.code = str(problem.get("code", f"http_{answer.status}"))
        self.zh = message.get("zh", "系统没有给出可以理解的答复,请稍后重试。")
        self.en = message.get("en", "The platform gave no answer that can be understood. Try again soon.")
        self.faults = [
            Fault(one["pointer"], one["message"]["zh"], one["message"]["en"]) for one in problem.get("errors", ())
        ]
        super().__init__(f"{self.status} {self.code}")

    @property
    def problem(self) -> ProblemError:
        """The same as a problem of this process."""
        made = ProblemError(self.code, self.zh, self.en)
        made.status = self.status  # type: ignore[misc]
        return made


@dataclass(frozen=True)
class Api:
    """The API on behalf of whoever holds the token, of anybody where there is none."""

    token: str | None = field(default=None, repr=False)

    def get(self, path: str, **query: Any) -> Answer:
        """Raises `RefusedByApiError`, or `UnavailableError` when nobody answers; what is None is not asked for."""
        asked = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
        return self.send("GET", f"{path}?{asked}" if asked else path)

    def send(self, method: str, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """The same with a JSON body, or with bytes as they are."""
        given = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        content = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        if has_request_context():
            given["X-Correlation-ID"] = g.get("correlation", "")
        answer = _asked(method, path, headers={**given, **(headers or {})}, **content)
        if answer.status >= httpx.codes.BAD_REQUEST:
            raise RefusedByApiError(answer)
        return answer

    def form(self, path: str, fields: Mapping[str, str]) -> Answer:
        """A form, as the endpoints of OAuth want it; whatever the answer's status."""
        return _asked("POST", path, headers={}, data=dict(fields))


def _asked(method: str, path: str, **given: Any) -> Answer:
    # What the inner request binds to the log's context must not become that of the page.
    return copy_context().run(_answer, method, path, given=given)


def _answer(method: str, path: str, *, given: Mapping[str, Any]) -> Answer:
    try:
        with _client() as client:
            answer = client.request(method, path, **given)
    except httpx.HTTPError as error:
        raise UnavailableError(
            "api_unavailable", "系统暂时没有答复,请稍后重试。", "The platform does not answer now. Try again soon."
        ) from error
    is_json = "json" in answer.headers.get("Content-Type", "")
    body = read(answer.content, largest=LARGEST) if is_json and answer.content else None
    return Answer(answer.status_code, body, answer.headers, answer.content)


def _client() -> httpx.Client:
    settings, address = database().settings, request.remote_addr if has_request_context() else None
    if settings.api is None:
        inside = httpx.WSGITransport(app=current_app.wsgi_app, remote_addr=address or "127.0.0.1")
        return httpx.Client(transport=inside, base_url=settings.issuer, timeout=PATIENCE, trust_env=False)
    forwarded = {"X-Forwarded-For": address} if address else {}
    return httpx.Client(base_url=settings.api, timeout=PATIENCE, headers=forwarded)


def pages_of(api: Api, path: str, *, most: int, **query: Any) -> Sequence[Any]:
    """The first `most` items of a list, page by page."""
    items: list[Any] = []
    cursor: str | None = None
    while len(items) < most:
        page = api.get(path, limit=min(100, most - len(items)), cursor=cursor, **query).body
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    return items
