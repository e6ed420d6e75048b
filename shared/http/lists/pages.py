"""What every list takes in its query: which page, sorted by what, what has changed since, how many, as which file."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import fields, validate

from shared.database.pages import Order, PageRequest
from shared.http.fields.strict import Choice, Schema, WholeInQuery
from shared.http.fields.times import Moment

LARGEST_PAGE = 100
LONGEST_CURSOR = 2000
FORMATS = ("json", "csv", "xlsx")


class PageFilter(Schema):
    """Which page of a list; a list's own filters come in a subclass."""

    cursor = fields.String(
        load_default=None,
        validate=validate.Length(max=LONGEST_CURSOR),
        metadata={"description": "上一页返回的游标 / `next` of the page before"},
    )
    limit = WholeInQuery(1, LARGEST_PAGE, load_default=20)


@cache
def listing(query: type[Schema], order: Order) -> type[Schema]:
    """The query of a list: its own filters, and what every list takes besides."""
    said = f"排序字段,前加 - 为降序,默认 {order.default} / Sort by; - is descending, {order.default} by default"
    since = "只列出此刻及以后有变化的 / Only what has changed at this moment or later"
    whole = "同时给出总条数 / Say as well how many there are on all pages"
    form = "导出全部结果为 CSV 或 XLSX / Export all of it as csv or xlsx, not a page"
    more: dict[str, Any] = {
        "sort": Choice(order.choices, load_default=None, metadata={"description": said}),
        "updated_since": Moment(load_default=None, metadata={"description": since}),
        "count": fields.Boolean(load_default=False, metadata={"description": whole}),
        "format": Choice(FORMATS, load_default=None, metadata={"description": form}),
    }
    return type(query.__name__, (query,), {"__module__": query.__module__, "__doc__": query.__doc__, **more})


def page_request_of(arguments: dict[str, Any]) -> PageRequest:
    """Takes what every list has out of its arguments."""
    cursor, limit, sort, since = (arguments.pop(name) for name in ("cursor", "limit", "sort", "updated_since"))
    return PageRequest(cursor, limit, sort, since, count=arguments.pop("count"))
