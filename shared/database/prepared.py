"""Statements sent often: built and compiled once, and sent by the driver, without the ORM's bookkeeping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import cache, cached_property
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.pq import ExecStatus
from psycopg.sql import Literal
from sqlalchemy import ARRAY, ColumnElement, Connection, DateTime, Uuid, any_, bindparam, cast, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.orm import Mapper, class_mapper
from sqlalchemy.orm import Session as OrmSession

IS_MANY = False
LIMITS = "54"
"""The class of SQLSTATE that says so: the width of an index, the size of a text that is searched, the depth of JSON."""
DIALECT = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
HERE = bindparam("here", type_=Uuid())
"""The tenant, as prepared statements name it."""
AMONG_KEYS = any_(bindparam("keys", type_=ARRAY(Uuid())))
"""Equal to one of the ids that are given as `keys`."""
Parameters = Mapping[str, Any]
Statement = tuple[str, Parameters]
"""SQL and its parameters, as the driver takes them."""


def given_list(name: str, kind: Any) -> Any:
    """A list of parameters, of a length that PostgreSQL does not see when it plans.

    Else it would plan anew for each length, which takes longer than running: so it keeps one plan, by index alone.
    """
    return select(bindparam(name, type_=ARRAY(kind))).scalar_subquery()


def among(name: str, kind: Any) -> Any:
    """Equal to one of such a list."""
    return any_(cast(given_list(name, kind), ARRAY(kind)))


PLACE = re.compile(r"%\((\w+)\)s")
NUMERIC = 1700
"""The type of PostgreSQL (its oid) as which decimals come."""


class _Compiled(NamedTuple):
    sql: str
    given: Mapping[str, Any]
    """Values that stand in the statement itself."""
    written: Mapping[str, Callable[[Any], Any]]
    """How values are written that the driver would not write so by itself, or not as fast, by their names."""


def _written_list(values: Iterable[UUID | datetime]) -> str:
    """As PostgreSQL reads an array of what needs no quotes; the driver looks at each of them three times."""
    return f"{{{','.join(map(str, values))}}}"


class Prepared:
    """The query that `build` gives, with its parameters (`bindparam`) by name; lists are given as arrays, to `any_`.

    Row-level security and the transaction are the connection's. Errors are SQLAlchemy's; TypeError where a column
    would have to be read otherwise than the driver does.
    """

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build

    @cached_property
    def compiled(self) -> _Compiled:
        """Its text and its values, for whoever sends it in another way."""
        statement, dialect = self._build(), DIALECT
        for column in getattr(statement, "exported_columns", ()):
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            if kind.dialect_impl(dialect).result_processor(dialect, NUMERIC) is not None:
                raise TypeError(f"{column}: {kind!r} is not as the driver reads it")
        made = statement.compile(dialect=dialect)
        written, constants = dict[str, Any](), dict[str, str]()
        for name in made.params:
            bind = made.binds[name]
            if isinstance(bind.type, ARRAY):
                # Lists of anything but ids and times are the driver's.
                if isinstance(bind.type.item_type, Uuid | DateTime):
                    written[name] = _written_list
                continue
            write = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if bind.unique:
                # A value that stands in the statement: to send a dozen of them each time costs as much as a statement.
                value = bind.value if write is None else write(bind.value)
                constants[name] = Literal(value).as_string().replace("%", "%%")
            elif write is not None:
                written[name] = write
        sql = PLACE.sub(lambda found: constants.get(found[1], found[0]), str(made))
        return _Compiled(sql, {name: made.params[name] for name in made.params if name not in constants}, written)

    def with_values(self, given: Parameters) -> Statement:
        """The SQL and all its parameters."""
        sql, known, written = self.compiled
        values = {**known, **given}
        return sql, {**values, **{name: write(values[name]) for name, write in written.items()}}

    def rows(self, session: OrmSession, **given: Any) -> list[tuple[Any, ...]]:
        """All rows, as the driver reads them; none of what gives none. What is not flushed yet it does not see.

        What the session has written goes before it, in the same round trip.
        """
        bound: Connection | None = getattr(session, "bound", None)
        connection = bound if bound is not None and bound.in_transaction() else session.connection()
        sql, values = self.with_values(given)
        if connection.dispatch.before_cursor_execute:
            # Whoever watches statements sees these, too.
            connection.dispatch.before_cursor_execute(connection, None, sql, values, None, IS_MANY)
        unsent: list[Statement] = getattr(session, "unsent", [])
        statements = [*unsent, (sql, values)]
        unsent.clear()
        return send(connection, statements)


class _ByKey(NamedTuple):
    """Reads one row of a class by its primary key, `tenant` and `key`: the attributes of these names."""

    names: tuple[str, ...]
    reading: Prepared
    locking: Prepared
    home: Prepared
    """Of an aggregate: whose it is, alone."""


@cache
def by_key(kind: type[Any]) -> _ByKey:
    """Of all columns that are not left for later."""
    mapper = class_mapper(kind)
    attributes = [one for one in mapper.column_attrs if not one.deferred]
    same = _same_key(mapper)
    query = select(*(one.columns[0] for one in attributes)).where(*same)
    return _ByKey(
        names=tuple(one.key for one in attributes),
        reading=Prepared(lambda: query),
        locking=Prepared(query.with_for_update),
        home=Prepared(lambda: select(kind.home_id).where(*same)),
    )


@cache
def updating(kind: type[Any], names: frozenset[str]) -> Prepared:
    """Writes these attributes of the row of a class with the primary key `tenant` and `key`."""
    mapper = class_mapper(kind)
    columns = {name: mapper.column_attrs[name].columns[0] for name in sorted(names)}
    values = {column: bindparam(name, type_=column.type) for name, column in columns.items()}
    return Prepared(lambda: update(kind.__table__).where(*_same_key(mapper)).values(values))


def _same_key(mapper: Mapper[Any]) -> list[ColumnElement[bool]]:
    named = zip(("tenant", "key"), mapper.primary_key, strict=True)
    return [column == bindparam(name, type_=column.type) for name, column in named]


def send(connection: Connection, statements: Sequence[Statement]) -> list[tuple[Any, ...]]:
    """Run these in their order and in one round trip (PostgreSQL's pipeline mode); returns the rows of the last.

    Where one fails the server passes over those that follow.
    """
    driver: Any = connection.connection.driver_connection
    *before, (sql, parameters) = statements
    cursor = driver.cursor()
    try:
        with driver.pipeline() if before else nullcontext():
            if before:
                writing = driver.cursor()
                for earlier, given in before:
                    writing.execute(earlier, given, prepare=True)
            cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.pgresult.status == ExecStatus.TUPLES_OK else []
    except psycopg.Error as error:
        raise translated(connection, sql, error=error) from error


def translated(connection: Connection, sql: str, *, error: psycopg.Error) -> BaseException:
    """As SQLAlchemy tells it; a connection that is lost is given up."""
    if (error.sqlstate or "").startswith(LIMITS):
        return DataError(sql, None, error)
    lost = connection.dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(sql, None, error, psycopg.Error, connection_invalidated=lost, dialect=connection.dialect)
