"""Lists in pages with opaque cursors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from marshmallow import fields, validate
from sqlalchemy import BigInteger, Select, Text, tuple_
from sqlalchemy.types import TypeEngine

from events.canonical import canonical, instant, plain
from events.foreign import MALFORMED, read
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
        after = read_cursor(cut.cursor, *(column.type for column in by))
        query = query.where(tuple_(*by) < after if descending else tuple_(*by) > after)
    order = [column.desc() if descending else column for column in by]
    rows = session.scalars(query.order_by(*order).limit(cut.limit + 1)).all()
    shown = rows[: cut.limit]
    more = len(rows) > cut.limit
    return Page(shown, cursor_of(*(getattr(shown[-1], column.key) for column in by)) if more else None)


def of_known(rows: Sequence[Any], *, key: Callable[[Any], str], cut: Cut) -> Page:
    """The page of rows that are all known, in order of `key`, which names a row."""
    after = read_cursor(cut.cursor, Text())[0] if cut.cursor is not None else ""
    left = sorted((row for row in rows if key(row) > after), key=key)
    return Page(left[: cut.limit], cursor_of(key(left[cut.limit - 1])) if len(left) > cut.limit else None)


def cursor_of(*values: object) -> str:
    """Where the next page begins, for `read_cursor` to read."""
    return b64encode(canonical(plain(values)))


def read_cursor(cursor: str, *kinds: TypeEngine[Any]) -> list[Any]:
    """What `cursor_of` was given, as columns of these types hold it; raises `InvalidError` for whatever else it is."""
    try:
        given = read(b64decode(cursor), deepest=1)
        if not isinstance(given, list):
            raise TypeError("not a list")
        return [_value(value, kind) for value, kind in zip(given, kinds, strict=True)]
    except MALFORMED as error:
        raise cursor_invalid() from error


def _value(given: Any, column_type: TypeEngine[Any]) -> Any:
    kind = column_type.python_type
    if kind is datetime:
        moment = datetime.fromisoformat(given)
        # Also in UTC, where the first and last days of the calendar may be out of it.
        instant(moment)
        return moment
    made = kind(given) if kind is UUID else given
    if not isinstance(made, kind) or isinstance(made, bool):
        raise TypeError(given)
    if isinstance(made, int) and not 0 <= made < (2**63 if isinstance(column_type, BigInteger) else 2**31):
        raise ValueError(given)
    return made
