"""Lists as tables: the rows of one kind in one order, and for each filter the column or condition that it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import QueryableAttribute

from shared.database.pages import Order, Page, PageRequest, in_order
from shared.database.rows import Row, TenantRow
from shared.database.session import TenantSession

Condition = ColumnElement[bool]
Filter = QueryableAttribute[Any] | ColumnElement[Any] | Callable[[Any], Condition]
"""A column that is to be equal to what is given, or a function that makes a condition of it."""
Filters = Mapping[str, Filter]


def conditions(filters: Filters, given: Mapping[str, Any]) -> list[Condition]:
    """What the filters that are given ask for; one that is None is not given. Raises KeyError for an unknown one."""
    asked = [(filters[name], value) for name, value in given.items()]
    return [_condition(how, value) for how, value in asked if value is not None]


def _condition(how: Filter, value: Any) -> Condition:
    if isinstance(how, QueryableAttribute | ColumnElement):
        equal: Condition = how == value
        return equal
    return how(value)


def all_of(_session: TenantSession) -> Iterable[Condition]:
    """No condition: what row-level security shows."""
    return ()


@dataclass(frozen=True, eq=False)
class ListQuery:
    """The pages of a list. `visible` gives conditions that hold whatever is asked for.

    `under` is the kind of thing that the rows belong to, and the column in which its key stands: its address has it.
    """

    kind: type[Row]
    order: Order
    filters: Filters = field(default_factory=dict)
    visible: Callable[[TenantSession], Iterable[Condition]] = all_of
    under: tuple[type[TenantRow], QueryableAttribute[Any]] | None = None

    def __call__(
        self, session: TenantSession, given: Mapping[str, Any], *, paging: PageRequest, **path: UUID | str
    ) -> Page:
        """The page of those that fit what is given, of the thing whose key `path` is where they are under one.

        Raises `NotFoundError` where there is no such thing, `InvalidError` for a foreign cursor.
        """
        query = select(self.kind).where(*self.visible(session), *conditions(self.filters, given))
        if self.under is not None:
            (key,), (above, column) = path.values(), self.under
            session.one(above, key)
            query = query.where(column == key)
        return in_order(session, query, order=self.order, paging=paging)
