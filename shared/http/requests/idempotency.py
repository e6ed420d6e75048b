"""Idempotency-Key: the same POST again gives the same answer and no second effect, for 24 hours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy import BindParameter, Text, bindparam, delete, func, insert, select

from events.canonical import digest
from shared.core.errors import ConflictError, InvalidError
from shared.database.answers import IdempotencyRow
from shared.database.prepared import Prepared
from shared.database.rows import table_of
from shared.http.requests.problems import http_error
from shared.journal.session import Session

KEPT = timedelta(hours=24)
MOST = 1000
"""Answers forgotten in one go."""
REPLAYED = "Idempotent-Replayed"
"""The header that says that an answer was given before, and that this request had no effect of its own."""
KEY = re.compile(r"^[\x21-\x7e]{1,200}$")


def _column(name: str, column: str) -> BindParameter[Any]:
    return bindparam(name, type_=table_of(IdempotencyRow).c[column].type)


@Prepared
def known_answer() -> Any:
    """The answer to a request, by whose it is (`here`, `of`), where (`at`) and its key (`called`)."""
    row = IdempotencyRow
    names = {"here": row.tenant_id, "of": row.client_id, "at": row.route, "called": row.key}
    same = (column == _column(name, column.key) for name, column in names.items())
    return select(row.created_at, row.request_hash, row.answer).where(*same)


@Prepared
def keep_answer() -> Any:
    """Keep it, with the hash of what was asked."""
    names = {"here": "tenant_id", "of": "client_id", "at": "route", "called": "key"}
    names |= {"hashed": "request_hash", "told": "answer", "now": "created_at"}
    return insert(table_of(IdempotencyRow)).values({column: _column(name, column) for name, column in names.items()})


LOCK = Prepared(
    lambda: select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=Text()), 0)))
)
"""By itself, for what is known is read once nobody else writes it."""


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
    if not LOCK.rows(session, name=name)[0][0]:
        raise ConflictError(
            "in_flight",
            "同一请求正在处理中,请稍后用同一个 Idempotency-Key 重试。",
            "The same request is being handled right now. Retry in a moment with the same Idempotency-Key.",
        )
    key = {"here": session.context.tenant_id, "of": attempted.client, "at": attempted.route, "called": attempted.key}
    known, now = known_answer.rows(session, **key), session.clock.now()
    if known and known[0][0] > now - KEPT:
        return _same(attempted, request_hash=known[0][1], answer=known[0][2])
    if known:
        session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at <= now - KEPT))
    answer = effect()
    made = {"hashed": attempted.body, "told": _without(answer, hidden), "now": now}
    keep_answer.rows(session, **key, **made)
    return answer


def _without(value: Any, hidden: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {name: None if name in hidden else _without(item, hidden) for name, item in value.items()}
    return [_without(item, hidden) for item in value] if isinstance(value, list) else value


def _same(attempted: KeyedRequest, *, request_hash: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    if request_hash != attempted.body:
        raise InvalidError(
            "idempotency_key_reused",
            "该 Idempotency-Key 已用于另一内容。请为新请求换一个。",
            "This Idempotency-Key was used for another body. Use a new one for a new request.",
        )
    headers = answer.get("headers") or {}
    return {**answer, "headers": {**headers, REPLAYED: "true"}}
