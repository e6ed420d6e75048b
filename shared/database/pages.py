"""Pages of a list with opaque cursors: stable while rows are added, in an order that the list allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Text, select, tuple_
from sqlalchemy.types import TypeEngine

from events.canonical import canonical, instant, plain
from events.foreign import MALFORMED, read
from shared.core.encoding import b64decode, b64encode
from shared.core.errors import InvalidError
from shared.database.counting import Total, bounded, total
from shared.database.session import TenantSession

FEW = 500
"""Rows of a list that is short enough to be looked up one by one."""
Changed = Callable[[datetime], ColumnElement[bool]]
"""What has changed at this moment or later."""


@dataclass(frozen=True, eq=False)
class Order:
    """How one list is ordered: what it may be sorted by, what by default (`-` for descending), what names a row.

    Columns are those of rows, or attributes where all rows are known; none of them is ever null. `changed` is None
    where rows keep no moment: then `updated_since` leaves nothing out.
    """

    columns: Mapping[str, Any]
    default: str
    key: Sequence[Any]
    changed: Changed | None = None

    @property
    def choices(self) -> list[str]:
        """Every value of `sort`."""
        return [sign + name for name in self.columns for sign in ("", "-")]

    def by(self, sort: str | None) -> tuple[tuple[Any, ...], bool]:
        """The columns in order, the last ones naming a row, and whether they descend."""
        sort = sort or self.default
        first = self.columns[sort.removeprefix("-")]
        return (*(() if first in self.key else (first,)), *self.key), sort.startswith("-")


def at_or_after(column: Any) -> Changed:
    """The moment of a row's last change stands in this column or expression."""
    return lambda since: column >= since


@dataclass(frozen=True)
class PageRequest:
    """Which page is asked for, in which order, of what has changed `since`; `most` bounds what all pages may hold.

    `count` asks how many rows all pages hold.
    """

    cursor: str | None
    limit: int
    sort: str | None = None
    since: datetime | None = None
    most: int | None = None
    count: bool = False


@dataclass(frozen=True)
class Page:
    """Some rows, where the next ones begin and, if that was asked for, how many there are on all pages."""

    rows: Sequence[Any]
    next: str | None
    total: Total | None = None


def cursor_invalid() -> InvalidError:
    """The cursor did not come from here."""
    return InvalidError(
        "cursor_invalid",
        "游标无效。请使用上一页返回的游标,并保持相同的排序;或去掉游标从头读取。",
        "This cursor is not valid. Use `next` of the page before with the same sort, or leave it out to start anew.",
    )


def too_many(most: int) -> InvalidError:
    """An export of more rows than one file may hold."""
    return InvalidError(
        "export_too_large",
        f"结果超过 {most} 行,不能一次导出。请用筛选条件或更新时间缩小范围,或按页读取。",
        f"This comes to more than {most} rows, too many for one export. Narrow it by filters or updated_since, "
        "or read it page by page.",
    )


def in_order(session: TenantSession, query: Select[Any], *, order: Order, paging: PageRequest) -> Page:
    """The page of `query`, which gives rows of one kind; stable while rows are added. Raises `InvalidError`."""
    by, descending = order.by(paging.sort)
    query = query.where(*changed_since(order, paging))
    most, whole = paging.most, query
    if most is not None and paging.cursor is None and bounded(session, query, key=order.key, most=most) > most:
        raise too_many(most)
    few = _few(session, query, order=order) if paging.count and paging.cursor is None else None
    if few is not None:
        (kind,) = [told["entity"] for told in query.column_descriptions]
        query = select(kind).where(tuple_(*order.key).in_(few))
    elif paging.cursor is not None:
        after = _place(paging, *(column.type for column in by))
        query = query.where(tuple_(*by) < after if descending else tuple_(*by) > after)
    ordered = [column.desc() if descending else column for column in by]
    rows = session.scalars(query.order_by(*ordered).limit(paging.limit + 1)).all()
    page = _cut(rows, paging, names=[column.key for column in by])
    known = None if few is None else Total(len(few))
    return counted(page, paging, count=lambda: known or total(session, whole, key=order.key))


def _few(session: TenantSession, query: Select[Any], *, order: Order) -> list[tuple[Any, ...]] | None:
    """What names each row of a short list, so that a search looks once for what fits, not for its page and its number.

    None for a list that is longer: its page is found soon.
    """
    found = session.execute(query.with_only_columns(*order.key).limit(FEW + 1)).all()
    return None if len(found) > FEW else [tuple(key) for key in found]


def changed_since(order: Order, paging: PageRequest) -> list[ColumnElement[bool]]:
    """The condition that leaves out what has not changed since, where that is asked for."""
    return [] if paging.since is None or order.changed is None else [order.changed(paging.since)]


def of_known(rows: Sequence[Any], *, order: Order, paging: PageRequest) -> Page:
    """The page of rows that are all known; attributes are texts. Raises `InvalidError`."""
    by, descending = order.by(paging.sort)
    places = sorted(((tuple(getattr(row, name) for name in by), row) for row in rows), key=lambda item: item[0])
    if descending:
        places.reverse()
    if paging.cursor is not None:
        after = tuple(_place(paging, *(Text() for _name in by)))
        places = [item for item in places if (item[0] < after if descending else item[0] > after)]
    page = _cut([row for _place, row in places], paging, names=by)
    return counted(page, paging, count=lambda: Total(len(rows)))


def counted(page: Page, paging: PageRequest, *, count: Callable[[], Total]) -> Page:
    """The page with how many rows all pages have, if that was asked for; where this one has all, nothing is counted."""
    if not paging.count:
        return page
    is_all = paging.cursor is None and page.next is None
    return replace(page, total=Total(len(page.rows)) if is_all else count())


def _cut(rows: Sequence[Any], paging: PageRequest, *, names: Sequence[str]) -> Page:
    shown = rows[: paging.limit]
    if len(rows) <= paging.limit:
        return Page(shown, None)
    return Page(shown, cursor_of(paging.sort or "", *(getattr(shown[-1], name) for name in names)))


def _place(paging: PageRequest, *kinds: TypeEngine[Any]) -> list[Any]:
    """Where the page before ended; in another order that would be another place."""
    sort, *after = read_cursor(paging.cursor or "", Text(), *kinds)
    if sort != (paging.sort or ""):
        raise cursor_invalid()
    return after


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
    if kind is date:
        return date.fromisoformat(given)
    made = kind(given) if kind is UUID else given
    if not isinstance(made, kind) or isinstance(made, bool):
        raise TypeError(given)
    if isinstance(made, int) and not 0 <= made < (2**63 if isinstance(column_type, BigInteger) else 2**31):
        raise ValueError(given)
    return made
