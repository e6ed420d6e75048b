"""Lists in pages with opaque cursors."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy import BigInteger, Select, Text, column, tuple_

from events.canonical import canonical, instant, plain
from shared.errors import InvalidError
from shared.http.fields import Schema
from shared.identity import b64decode, b64encode
from shared.model import Aggregate

if TYPE_CHECKING:
    from shared.db import Session

LARGEST_PAGE = 100


class PageFilter(Schema):
    """Which page of a list; a list's own filters come in a subclass."""

    cursor = fields.String(
        load_default=None, validate=validate.Length(max=200), metadata={"description": "`next` of the page before"}
    )
    limit = fields.Integer(load_default=20, validate=validate.Range(1, LARGEST_PAGE))


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
    return in_order(session, query, by=(kind.created_at, kind.id), cut=cut, descending=True)


def cursor_invalid() -> InvalidError:
    """The cursor did not come from here."""
    return InvalidError(
        "cursor_invalid",
        "cursor 无效。请使用上一页返回的 next,或去掉 cursor 从头读取。",
        "This cursor is not valid. Use `next` of the page before, or leave it out to start anew.",
    )


def in_order(session: Session, query: Select[Any], *, by: Sequence[Any], cut: Cut, descending: bool = False) -> Page:
    """The page of `query`, which gives rows of one kind, in order of columns that together name a row."""
    if cut.cursor is not None:
        after = _values(cut.cursor, by)
        query = query.where(tuple_(*by) < after if descending else tuple_(*by) > after)
    order = [column.desc() if descending else column for column in by]
    rows = session.scalars(query.order_by(*order).limit(cut.limit + 1)).all()
    shown = rows[: cut.limit]
    more = len(rows) > cut.limit
    return Page(shown, _cursor([getattr(shown[-1], column.key) for column in by]) if more else None)


def of_known(rows: Sequence[Any], *, key: Callable[[Any], str], cut: Cut) -> Page:
    """The page of rows that are all known, in order of `key`, which names a row."""
    after = _values(cut.cursor, [_TEXT])[0] if cut.cursor is not None else ""
    left = sorted((row for row in rows if key(row) > after), key=key)
    return Page(left[: cut.limit], _cursor([key(left[cut.limit - 1])]) if len(left) > cut.limit else None)


_TEXT = column("text", Text())


def _cursor(values: Sequence[Any]) -> str:
    return b64encode(canonical(plain(list(values))))


def _values(cursor: str, by: Sequence[Any]) -> list[Any]:
    try:
        given = list(json.loads(b64decode(cursor)))
        return [_value(value, item.type) for value, item in zip(given, by, strict=True)]
    except (ValueError, TypeError, AttributeError) as error:
        raise cursor_invalid() from error


def _value(given: Any, column_type: Any) -> Any:
    kind = column_type.python_type
    if kind is datetime:
        read = datetime.fromisoformat(given)
        instant(read)
        return read
    made = kind(given) if kind is UUID else given
    if not isinstance(made, kind) or isinstance(made, bool) or (isinstance(made, str) and "\0" in made):
        raise TypeError(given)
    if isinstance(made, int) and not 0 <= made < (2**63 if isinstance(column_type, BigInteger) else 2**31):
        raise ValueError(given)
    return made
