"""Queries that many requests send: built and compiled once, and sent by the driver, without the ORM's bookkeeping."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from typing import Any, NamedTuple

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from sqlalchemy import ARRAY, Connection, Dialect, bindparam, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.orm import class_mapper
from sqlalchemy.types import TypeEngine

LIMITS = "54"
"""The class of SQLSTATE that says so: the width of an index, the size of a text that is searched, the depth of JSON."""


Parameters = Mapping[str, Any]
NUMERIC = 1700
"""The type of PostgreSQL (its oid) as which decimals come."""


class _Compiled(NamedTuple):
    sql: str
    given: Mapping[str, Any]
    """Values that stand in the statement itself."""
    written: Mapping[str, Callable[[Any], Any]]
    """How values are written that the driver would not write so by itself, by their names."""


class Prepared:
    """The query that `build` gives, with its parameters (`bindparam`) by name; lists are given as arrays, to `any_`.

    Row-level security and the transaction are the connection's. Errors are SQLAlchemy's; TypeError where a column
    would have to be read otherwise than the driver does.
    """

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build

    @cached_property
    def _compiled(self) -> _Compiled:
        statement, dialect = self._build(), postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
        for column in getattr(statement, "exported_columns", ()):
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            if kind.dialect_impl(dialect).result_processor(dialect, NUMERIC) is not None:
                raise TypeError(f"{column}: {kind!r} is not as the driver reads it")
        made = statement.compile(dialect=dialect)
        written = {name: _writing(bind.type, dialect) for name, bind in made.binds.items() if name in made.params}
        return _Compiled(str(made), made.params, {name: write for name, write in written.items() if write is not None})

    def _values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        values = {**self._compiled.given, **given}
        for name, write in self._compiled.written.items():
            values[name] = write(values[name])
        return values

    def with_values(self, given: Parameters) -> tuple[str, Parameters]:
        """The SQL and all its parameters."""
        return self._compiled.sql, self._values(given)

    def rows(self, connection: Connection, **given: Any) -> list[tuple[Any, ...]]:
        """All rows, as the driver reads them."""
        sql, values, driver = self._compiled.sql, self._values(given), driver_of(connection)
        try:
            return driver.cursor().execute(sql, values).fetchall()
        except psycopg.Error as error:
            raise _translated(connection, sql, error=error) from error

    def text(self, driver: psycopg.Connection[Any], **given: Any) -> bytes:
        """It with its values in it, as text of SQL, for `begin`."""
        return psycopg.ClientCursor(driver).mogrify(self._compiled.sql, self._values(given)).encode()


def _writing(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    # Lists are the driver's, whatever they are of.
    return None if isinstance(kind, ARRAY) else kind.dialect_impl(dialect).bind_processor(dialect)


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """The driver's own connection."""
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    return driver


class _ByKey(NamedTuple):
    """Reads one row of a class by its primary key, `tenant` and `key`: the attributes of these names."""

    names: tuple[str, ...]
    reading: Prepared
    locking: Prepared


@cache
def by_key(kind: type[Any]) -> _ByKey:
    """Of all columns that are not left for later."""
    mapper = class_mapper(kind)
    attributes = [one for one in mapper.column_attrs if not one.deferred]
    given = [
        bindparam(name, type_=column.type) for name, column in zip(("tenant", "key"), mapper.primary_key, strict=True)
    ]
    query = select(*(one.columns[0] for one in attributes)).where(
        *(column == value for column, value in zip(mapper.primary_key, given, strict=True))
    )
    return _ByKey(tuple(one.key for one in attributes), Prepared(lambda: query), Prepared(query.with_for_update))


def begin(connection: Connection, *statements: bytes) -> list[bytes | None]:
    """Begin the transaction with these queries, in their order and in one message; gives the last one's first row."""
    driver, sql = driver_of(connection), b"; ".join((b"BEGIN", *statements))
    try:
        result = driver.pgconn.exec_(sql)
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result)
    except psycopg.Error as error:
        raise _translated(connection, sql.decode(), error=error) from error
    return [result.get_value(0, place) for place in range(result.nfields)] if result.ntuples else []


def send(connection: Connection, statements: Iterable[tuple[str, Parameters]]) -> None:
    """Run these, whose rows nobody reads, in their order and in one round trip (PostgreSQL's pipeline mode)."""
    driver, sql = driver_of(connection), ""
    try:
        with driver.pipeline(), driver.cursor() as cursor:
            for sql, parameters in statements:
                cursor.execute(sql, parameters, prepare=True)
    except psycopg.Error as error:
        raise _translated(connection, sql, error=error) from error


def _translated(connection: Connection, sql: str, *, error: psycopg.Error) -> BaseException:
    """As SQLAlchemy tells it; a connection that is lost is given up."""
    if (error.sqlstate or "").startswith(LIMITS):
        return DataError(sql, None, error)
    lost = connection.dialect.is_disconnect(error, driver_of(connection), None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(sql, None, error, psycopg.Error, connection_invalidated=lost, dialect=connection.dialect)
