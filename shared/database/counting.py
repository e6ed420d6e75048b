"""How many rows a list has: exact as far as people count, beyond that as many as the planner thinks there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ClauseElement, Executable, Select, func, select
from sqlalchemy.ext.compiler import compiles

from shared.database.session import TenantSession

EXACT, ABOUT = "exact", "about"
MOST = 10_000
"""Counted one by one up to here: some milliseconds, whatever the table holds."""
UNREAD = "CASE (InitPlan"
"""How a plan writes the restrictive policies: which of their branches holds, the planner does not know."""


class Total(NamedTuple):
    """How many rows all pages have together, and whether that is `exact` or `about` right."""

    number: int
    is_: str = EXACT


class _Explained(Executable, ClauseElement):
    """What the planner says of a query, which is not run."""

    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


@compiles(_Explained)
def _explain(element: _Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.query, **options)}"


def bounded(session: TenantSession, query: Select[Any], *, key: Sequence[Any], most: int) -> int:
    """How many rows the query gives, and `most` + 1 for all that are more."""
    some = query.limit(most + 1).with_only_columns(*key).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def total(session: TenantSession, query: Select[Any], *, key: Sequence[Any]) -> Total:
    """How many rows the query gives whose columns in `key` name one; the same row-level security holds."""
    counted = bounded(session, query, key=key, most=MOST)
    if counted <= MOST:
        return Total(counted)
    table = key[0].table
    if "tenant_id" in table.columns:
        # As its policy says, in words that the planner can look up: else it takes all tenants for alike.
        query = query.where(table.columns.tenant_id == session.context.tenant_id)
    (told,) = session.execute(_Explained(query.with_only_columns(*key))).scalar_one()
    rows = told["Plan"]["Plan Rows"]
    unread = (node for node in _nodes(told["Plan"]) if UNREAD in node.get("Filter", ""))
    # Asked of the plan first: a session of no tenant has no context, and reads registers alone, without such a filter.
    if any(node.get("Relation Name") == table.name for node in unread) and session.context.scope == "tenant":
        # Taken for half of the rows, where this leaves out none.
        rows *= 2
    return Total(max(MOST + 1, _two_digits(rows)), ABOUT)


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _two_digits(number: int) -> int:
    """The first two digits, rounded: more of them would say what nobody knows."""
    return round(number, 2 - len(str(number)))
