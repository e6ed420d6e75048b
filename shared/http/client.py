"""An API user who knows the conventions: keeps its connection, sends the headers asked for, reads problem documents."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from events.entry import Position
from events.foreign import read

LARGEST = 2**26
IDLE = 2.0
"""Seconds after which a kept connection is opened anew: the server closes it after ten."""
BETWEEN = 0.2


class AnswerError(Exception):
    """The API refused; `code` is the problem's, the text says what to do now in both languages."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        message = problem.get("message", {})
        faults = "; ".join(f"{item['pointer']}: {item['message']['en']}" for item in problem.get("errors", ()))
        super().__init__(" / ".join(filter(None, (message.get("zh"), message.get("en"), faults))) or f"HTTP {status}")
        self.status = status
        self.code = str(problem.get("code", ""))


@dataclass(frozen=True)
class ApiAnswer:
    """What the API answered: its JSON, and the headers by lower-case name."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def position(self) -> Position:
        """Epoch and version out of the ETag."""
        epoch, _, version = self.headers["etag"].strip('"').partition(".")
        return Position(int(epoch), int(version))


@dataclass
class ApiClient:
    """For one thread at a time; `address` is host:port. `patience`: seconds for which 503 is asked again."""

    address: str
    token: str = field(repr=False)
    patience: float = 0.0
    _connection: HTTPConnection | None = field(default=None, repr=False)
    _used_at: float = 0.0

    def get(self, path: str, **filters: str | int) -> ApiAnswer:
        """Read; raises `AnswerError` for a refusal, OSError when nobody answers."""
        return self._ask("GET", f"{path}?{urlencode(filters)}" if filters else path, headers={})

    def all(self, path: str, **filters: str | int) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        items: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, **{"limit": 100, **filters, **cursor}).body
            items += page["items"]
            if page["next"] is None:
                return items
            cursor = {"cursor": page["next"]}

    def post(self, path: str, body: Any = None, *, key: str | None = None, wait: int = 0) -> ApiAnswer:
        """Create or act, whatever version is current; `wait` is how many seconds another tenant's answer may take."""
        headers = {"Idempotency-Key": key or uuid4().hex, "If-Match": "*"} | _preference(wait)
        return self._ask("POST", path, headers=headers, body={} if body is None else body)

    def patch(self, path: str, body: Any, *, wait: int = 0) -> ApiAnswer:
        """Change, whatever version is current."""
        return self._ask("PATCH", path, headers={"If-Match": "*"} | _preference(wait), body=body)

    def wait_until_ready(self) -> None:
        """Return once somebody answers `/readyz`; raises OSError when nobody does within `patience`."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                self.get("/readyz")
            except OSError:
                self.close()
                self._connection = None
                if time.monotonic() > deadline:
                    raise
                time.sleep(BETWEEN)
            else:
                return

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str], body: Any = None) -> ApiAnswer:
        deadline = time.monotonic() + self.patience
        while True:
            if self._connection is None or time.monotonic() - self._used_at > IDLE:
                self.close()
                host, _, port = self.address.rpartition(":")
                host = "127.0.0.1" if host in {"", "0.0.0.0"} else host  # noqa: S104 - compared, not bound
                self._connection = HTTPConnection(host, int(port), timeout=60)
                self._connection.connect()
            connection = self._connection
            content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
            kind = {} if content is None else {"Content-Type": "application/json"}
            connection.request(method, path, content, {"Authorization": f"Bearer {self.token}", **kind, **headers})
            response = connection.getresponse()
            text = response.read()
            self._used_at = time.monotonic()
            found = {name.lower(): value for name, value in response.getheaders()}
            answer = ApiAnswer(
                response.status, read(text, largest=LARGEST) if "json" in found.get("content-type", "") else None, found
            )
            if answer.status < HTTPStatus.BAD_REQUEST:
                return answer
            if answer.status != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                raise AnswerError(answer.status, answer.body if isinstance(answer.body, dict) else {})
            time.sleep(BETWEEN)


def _preference(wait: int) -> dict[str, str]:
    return {"Prefer": f"wait={wait}"} if wait else {}
