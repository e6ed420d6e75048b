"""What travels on Kafka: a signed document in a structured CloudEvents 1.0 JSON message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import orjson

from events.canonical import Json, canonical, digest
from events.foreign import MALFORMED, read
from events.text import FreeText

Kind = Literal["entry", "command", "answer", "receipt", "resync", "head", "erasure", "beat", "manifest", "ask"]
KINDS: tuple[Kind, ...] = (
    "entry", "command", "answer", "receipt", "resync", "head", "erasure", "beat", "manifest", "ask",
)  # fmt: skip
LARGEST_MESSAGE = 1_000_000
"""Bytes; Kafka's default `message.max.bytes` is a little more."""
DEEPEST = 48
"""Less than a file may be, which holds entries in journals; more than a body may be, which goes into a command."""
LONGEST_HINT = 64


class MalformedMessageError(ValueError):
    """The bytes are not a message of this platform; nothing in them can be trusted."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """`document` is what `signature` (base64url, of its RFC 8785 bytes) covers; state and texts are covered by hashes.

    `trace` is a W3C traceparent and `correlation` the id that finds the log lines: hints, never trusted.
    """

    kind: Kind
    document: Mapping[str, Json]
    signature: str
    source: UUID
    type: str
    subject: str
    time: str
    state: Mapping[str, Json] | None = None
    texts: Mapping[str, FreeText] = field(default_factory=dict)
    trace: str | None = None
    correlation: str | None = None
    hash: str | None = None
    """Hex SHA-256 of the document's RFC 8785 bytes, where whoever made it knows it."""

    def encode(self) -> bytes:
        """The message (CloudEvents 1.0, JSON format, structured mode)."""
        hints = {"traceparent": self.trace, "correlationid": self.correlation}
        body: dict[str, Json] = {self.kind: self.document, "signature": self.signature}
        if self.state is not None:
            body["state"] = self.state
        if self.texts:
            body["texts"] = {key: {"text": text.text, "salt": text.salt} for key, text in self.texts.items()}
        message = {
            "specversion": "1.0",
            "id": self.hash or digest(canonical(self.document)),
            "source": f"/tenants/{self.source}",
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            **{key: value for key, value in hints.items() if value is not None},
            "data": body,
        }
        return orjson.dumps(message)


def decode(value: bytes | None) -> Envelope:
    """Read a message; raises `MalformedMessageError` when it is none."""
    try:
        message: Mapping[str, Any] = read(value or b"", largest=LARGEST_MESSAGE, deepest=DEEPEST)
        body = message["data"]
        kind = next((kind for kind in KINDS if kind in body), None) if isinstance(body, dict) else None
        if message["specversion"] != "1.0" or kind is None or not isinstance(body[kind], dict):
            raise MalformedMessageError("not a CloudEvents 1.0 message of this platform")
        # What stands in logs and is given on; a hint of another form is none.
        given = {name: message.get(name) for name in ("traceparent", "correlationid")}
        hints = {name: hint for name, hint in given.items() if isinstance(hint, str) and len(hint) <= LONGEST_HINT}
        return Envelope(
            kind=kind,
            document=body[kind],
            signature=str(body["signature"]),
            source=UUID(str(message["source"]).removeprefix("/tenants/")),
            type=str(message["type"]),
            subject=str(message["subject"]),
            time=str(message["time"]),
            state=body.get("state"),
            texts={key: FreeText(str(text["text"]), str(text["salt"])) for key, text in body.get("texts", {}).items()},
            trace=hints.get("traceparent"),
            correlation=hints.get("correlationid"),
        )
    except MALFORMED as error:
        raise MalformedMessageError(f"{type(error).__name__}: {error}") from error
