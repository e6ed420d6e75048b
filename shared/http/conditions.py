"""Conditional requests and preferences: `ETag`, `If-Match`, `If-None-Match`, `Prefer` (RFC 9110, RFC 7240)."""

from __future__ import annotations

import re
from typing import Any

from flask import request

from shared.errors import PreconditionError, ProblemError
from shared.http.problems import http_error

ETAG = re.compile(r'^"(\d{1,9})\.(\d{1,9})"$')
LONGEST_WAIT = 30.0


def expected_position() -> tuple[int, int] | None:
    """The (epoch, version) that `If-Match` names; None for `*`. Raises 428 when it is missing, 400 when malformed."""
    value = request.headers.get("If-Match", "").strip()
    if not value:
        raise _missing_if_match()
    return position_of(value)


def position_of(value: str) -> tuple[int, int] | None:
    """The (epoch, version) that an ETag names; None for `*`. Raises 400 when it is malformed."""
    if value == "*":
        return None
    match = ETAG.match(value)
    if match is None:
        raise http_error(
            400,
            code="if_match_malformed",
            zh='If-Match 应为读取时返回的 ETag,例如 "1.3",或 *。',
            en='If-Match must be the ETag you read, e.g. "1.3", or *.',
        )
    return int(match[1]), int(match[2])


def check_position(row: Any, position: tuple[int, int] | None) -> None:
    """Raises `PreconditionError` unless the row, locked by now, is at `position`; None is any."""
    if position is not None and row.etag != f"{position[0]}.{position[1]}":
        raise PreconditionError.changed(row.etag)


def _missing_if_match() -> ProblemError:
    return http_error(
        428,
        code="if_match_missing",
        zh='修改须带 If-Match:填写读取时返回的 ETag(例如 "1.3"),或填 * 表示不论当前版本。',
        en='A change needs If-Match: send the ETag you read (e.g. "1.3"), or * for whatever version is current.',
    )


def seconds_to_wait() -> float:
    """What `Prefer: wait=N` asks for, at most 30; 0 without it."""
    for part in request.headers.get("Prefer", "").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "wait" and value.strip('"').isdigit():
            return min(float(value.strip('"')), LONGEST_WAIT)
    return 0.0
