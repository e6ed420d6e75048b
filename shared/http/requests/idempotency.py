"""Idempotency-Key: the same POST again gives the same answer and no second effect, for 24 hours."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy import delete, func, select

from events.canonical import digest
from shared.core.errors import ConflictError, InvalidError
from shared.database.answers import IdempotencyRow
from shared.http.requests.problems import http_error
from shared.journal.session import Session

KEPT = timedelta(hours=24)
MOST = 1000
"""Answers forgotten in one go."""
REPLAYED = "Idempotent-Replayed"
"""The header that says that an answer was given before, and that this request had no effect of its own."""
KEY = re.compile(r"^[\x21-\x7e]{1,200}$")


@dataclass(frozen=True)
class KeyedRequest:
    """One POST: whose, where, under which key, with which body (hash)."""

    client: str
    route: str
    key: str
    body: str


def attempt(client: str) -> KeyedRequest:
    """The current request as an attempt; raises 400 without a usable key."""
    key = request.headers.get("Idempotency-Key", "").strip().strip('"')
    if not KEY.match(key):
        raise http_error(
            400,
            code="idempotency_key_missing",
            zh="请求须带 Idempotency-Key:任意唯一字符串(例如 UUID),1–200 个可见 ASCII 字符;重试时用同一个。",
            en="A POST needs Idempotency-Key: any unique string (e.g. a UUID), 1-200 visible ASCII characters; "
            "use the same one to retry.",
        )
    described = "\n".join([request.headers.get("If-Match", ""), request.get_data(cache=True, as_text=True)])
    return KeyedRequest(client, f"{request.method} {request.path}", key, digest(described.encode()))


def once(
    session: Session, attempted: KeyedRequest, *, effect: Callable[[], dict[str, Any]], hidden: Sequence[str] = ()
) -> dict[str, Any]:
    """The answer of `effect`, run at most once per key; raises 409 while another is in flight, 422 for another body.

    Fields named in `hidden`, anywhere in the body, are secrets: the caller gets them this once; what is kept says null.
    """
    name = f"{session.context.tenant_id}/{attempted.client}/{attempted.route}/{attempted.key}"
    if not session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))):
        raise ConflictError(
            "in_flight",
            "同一请求正在处理中,请稍后用同一个 Idempotency-Key 重试。",
            "The same request is being handled right now. Retry in a moment with the same Idempotency-Key.",
        )
    key = (session.context.tenant_id, attempted.client, attempted.route, attempted.key)
    known = session.get(IdempotencyRow, key)
    now = session.clock.now()
    if known is not None and known.created_at > now - KEPT:
        return _same(known, attempted)
    if known is not None:
        session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at <= now - KEPT))
        session.expunge(known)
    answer = effect()
    session.add(
        IdempotencyRow(
            client_id=attempted.client,
            route=attempted.route,
            key=attempted.key,
            request_hash=attempted.body,
            answer=_without(answer, hidden),
            created_at=now,
        )
    )
    return answer


def _without(value: Any, hidden: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {name: None if name in hidden else _without(item, hidden) for name, item in value.items()}
    return [_without(item, hidden) for item in value] if isinstance(value, list) else value


def _same(known: IdempotencyRow, attempted: KeyedRequest) -> dict[str, Any]:
    if known.request_hash != attempted.body:
        raise InvalidError(
            "idempotency_key_reused",
            "该 Idempotency-Key 已用于另一内容。请为新请求换一个。",
            "This Idempotency-Key was used for another body. Use a new one for a new request.",
        )
    headers = known.answer.get("headers") or {}
    return {**known.answer, "headers": {**headers, REPLAYED: "true"}}
