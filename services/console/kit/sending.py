"""What a form sends to the API, once however often its button is pressed, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.console.calling.description import Operation
from services.console.calling.shapes import Shape
from shared.pages.asking import Answer, Api

PATIENCE = 3
"""Seconds that a page waits for another jurisdiction's answer before it says that it waits."""
ACCEPTED = 202


@dataclass(frozen=True)
class Sent:
    """What the API did, or what it has passed on to another jurisdiction."""

    answer: Answer

    @property
    def command(self) -> str | None:
        """The command that waits for an answer; None where it is done."""
        return str(self.answer.body["id"]) if self.answer.status == ACCEPTED else None

    @property
    def document(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.answer.body if isinstance(self.answer.body, dict) else {}
        return found

    def secrets(self, operation: Operation, *, shown: Operation) -> list[tuple[Shape, Any]]:
        """What the answer holds this once, each with its field: what `shown` shows at any time is no secret."""
        answer, always = operation.answer, shown.answer
        fields = [answer.field(name) for name in operation.once] if answer else []
        return [
            (one, self.document[one.name])
            for one in fields
            if one and self.document.get(one.name) and not (always and always.field(one.name))
        ]


def send(api: Api, operation: Operation, *, path: str, document: Any, terms: Mapping[str, str]) -> Sent:
    """`terms` are `once`, which tells a repetition from a second wish, and `etag`, of what was looked at.

    Besides `wait`, the seconds for another jurisdiction's answer, where that is not `PATIENCE`.
    Raises what the API refuses: 412 where it has changed since.
    """
    headers = {}
    if "Idempotency-Key" in operation.headers:
        headers["Idempotency-Key"] = terms["once"]
    if "If-Match" in operation.headers:
        headers["If-Match"] = terms.get("etag") or "*"
    if "Prefer" in operation.headers:
        headers["Prefer"] = f"wait={terms.get('wait', PATIENCE)}"
    body = document if operation.draft is not None else None
    return Sent(api.send(operation.method, path, body=body, headers=headers))
