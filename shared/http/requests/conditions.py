"""Conditional requests: `ETag`, `If-Match`, `If-None-Match` (RFC 9110, 13)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from flask import request

from events.entry import Position
from shared.core.errors import PreconditionError
from shared.http.requests.problems import http_error

ELEMENT = re.compile(r'[ \t]*(?:(?P<weak>W/)?"(?P<tag>[^"\x00-\x20\x7f]*)")?[ \t]*(?:,|$)')
"""One of a list of entity tags, or nothing, which a list may hold (RFC 9110, 5.6.1 and 8.8.3)."""
POSITION = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")

Positions = tuple[Position, ...] | None
"""Those of which one must be current; None for any. None at all fits where it is empty."""


class Tag(NamedTuple):
    """One entity tag."""

    is_weak: bool
    opaque: str


def tags_of(value: str) -> list[Tag] | None:
    """The entity tags that a condition lists; None for `*`, any. Raises ValueError for what is no such list."""
    if value.strip() == "*":
        return None
    found, at = [], 0
    while at < len(value):
        part = ELEMENT.match(value, at)
        if part is None or part.end() == at:
            raise ValueError("no list of entity tags")
        if part["tag"] is not None:
            found.append(Tag(part["weak"] is not None, part["tag"]))
        at = part.end()
    return found


def expected_positions() -> Positions:
    """What `If-Match` names; raises 428 when it is missing, 400 when malformed."""
    value = request.headers.get("If-Match", "").strip()
    if not value:
        raise http_error(
            428,
            code="if_match_missing",
            zh='修改须带 If-Match:填写读取时返回的 ETag(例如 "1.3"),或填 * 表示不论当前版本。',
            en='A change needs If-Match: send the ETag you read (e.g. "1.3"), or * for whatever version is current.',
        )
    return positions_of(value)


def positions_of(value: str) -> Positions:
    """The positions that entity tags name, by strong comparison: a weak one names none. Raises 400."""
    try:
        listed = tags_of(value)
    except ValueError as error:
        raise http_error(
            400,
            code="if_match_malformed",
            zh='If-Match 应为读取时返回的 ETag,例如 "1.3",或 *;可用逗号列出多个。',
            en='If-Match must be the ETag you read, e.g. "1.3", or *; several are separated by commas.',
        ) from error
    if listed is None:
        return None
    read = [POSITION.fullmatch(tag.opaque) for tag in listed if not tag.is_weak]
    return tuple(Position(int(one[1]), int(one[2])) for one in read if one is not None)


def check_position(row: Any, positions: Positions) -> None:
    """Raises `PreconditionError` unless the row, locked by now, is at one of them."""
    if positions is not None and row.etag not in {one.etag for one in positions}:
        raise PreconditionError.changed(row.etag)


def is_unchanged(etag: str) -> bool:
    """Whether the caller has what `etag` (without quotes) names, by weak comparison of `If-None-Match`."""
    value = request.headers.get("If-None-Match", "").strip()
    if not value:
        return False
    try:
        listed = tags_of(value)
    except ValueError:
        # To send it once more is never wrong.
        return False
    return listed is None or etag in {tag.opaque for tag in listed}
