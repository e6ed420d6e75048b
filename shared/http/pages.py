"""Lists in pages with opaque cursors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy import Select, tuple_

from events.canonical import instant
from shared.errors import InvalidError
from shared.identity import b64decode, b64encode
from shared.model import Aggregate

if TYPE_CHECKING:
    from shared.db import Session

LARGEST_PAGE = 100
PAGE_FIELDS: dict[str, Any] = {
    "cursor": fields.String(
        load_default=None, validate=validate.Length(max=200), metadata={"description": "`next` of the page before"}
    ),
    "limit": fields.Integer(load_default=20, validate=validate.Range(1, LARGEST_PAGE)),
}


@dataclass(frozen=True)
class Cut:
    """Which page is asked for."""

    cursor: str | None
    limit: int


@dataclass(frozen=True)
class Page:
    """Some rows and where the next ones begin."""

    rows: Sequence[Any]
    next: str | None


def newest_first(session: Session, query: Select[Any], *, kind: type[Aggregate], cut: Cut) -> Page:
    """The page of `query` in order of creation, newest first; stable while rows are added. Raises `InvalidError`."""
    order = (kind.created_at.desc(), kind.id.desc())
    if cut.cursor is not None:
        query = query.where(tuple_(kind.created_at, kind.id) < _read(cut.cursor))
    rows = session.scalars(query.order_by(*order).limit(cut.limit + 1)).all()
    shown = rows[: cut.limit]
    more = len(rows) > cut.limit
    return Page(shown, _write(shown[-1]) if more else None)


def _write(row: Aggregate) -> str:
    return b64encode(json.dumps([instant(row.created_at), str(row.id)]).encode())


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        moment, key = json.loads(b64decode(cursor))
        read = datetime.fromisoformat(moment), UUID(key)
        instant(read[0])
    except (ValueError, TypeError, AttributeError) as error:
        raise cursor_invalid() from error
    return read


def cursor_invalid() -> InvalidError:
    """The cursor did not come from here."""
    return InvalidError(
        "cursor_invalid",
        "cursor 无效。请使用上一页返回的 next,或去掉 cursor 从头读取。",
        "This cursor is not valid. Use `next` of the page before, or leave it out to start anew.",
    )
