"""Many rows in one statement: an array for each column, which PostgreSQL takes apart again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, ColumnClause, Table, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql.dml import Insert

from shared.database.prepared import DIALECT, Parameters, Prepared

ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"'})


class _ManyRows(NamedTuple):
    """The statement, and how each column's values travel: in binary form, which costs a tenth of the other."""

    sql: str
    columns: Mapping[str, Callable[[Any], Any] | None]
    fixed: Parameters

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> Parameters:
        """An array for each column, or one value where all rows have the same."""
        arrays = {
            name: [row[name] for row in rows] if written is None else [written(row[name]) for row in rows]
            for name, written in self.columns.items()
        }
        same = {name for name, values in arrays.items() if values.count(values[0]) == len(rows)}
        if len(same) == len(arrays):
            same.remove(next(iter(arrays)))
        found = dict(self.fixed)
        for place, (name, values) in enumerate(arrays.items()):
            found[f"v{place}"], found[f"s{place}"] = (None, values[0]) if name in same else (values, None)
        return found


@cache
def add(table: Table) -> Insert:
    """Inserts rows, none of whose keys may be known."""
    return upsert(table)


@cache
def put(table: Table, *changed: str) -> Insert:
    """Inserts rows; one whose key is known gets the new values of these columns."""
    statement = upsert(table)
    values = {name: statement.excluded[name] for name in changed}
    return statement.on_conflict_do_update(index_elements=[*table.primary_key], set_=values)


@lru_cache(maxsize=500)
def one_row(statement: Insert, names: tuple[str, ...]) -> Prepared:
    """The insert of a single row that has these columns: half the parameters of many rows, and no arrays."""
    given = {name: bindparam(name, type_=statement.table.c[name].type) for name in names}
    return Prepared(lambda: statement.values(given))


@lru_cache(maxsize=500)
def many_rows(statement: Insert, names: tuple[str, ...]) -> _ManyRows:
    """The insert of rows that have these columns, with the statement's own conflict clause.

    Where that updates, no two of the rows may have the same key.
    """
    # Short names: the driver keeps in mind how statements of up to 4,096 characters are divided, and no longer ones.
    travelling = [(one, *_travels(one)) for one in (statement.table.c[name] for name in names)]
    arrays = [cast(bindparam(f"v{place}"), ARRAY(kind)) for place, (_one, kind, _written) in enumerate(travelling)]
    taken = func.unnest(*arrays).table_valued(*(column(f"c{place}") for place in range(len(names))))
    given, chosen = taken.render_derived(name="g"), []
    for place, (one, kind, written) in enumerate(travelling):
        value = func.coalesce(given.c[f"c{place}"], cast(bindparam(f"s{place}"), kind))
        chosen.append(cast(value, one.type) if written else value)
    made = statement.from_select(list(names), select(*(one.label(None) for one in chosen)), include_defaults=False)
    compiled = made.compile(dialect=DIALECT)
    sql = re.sub(r"%\(([vs][0-9]+)\)s", r"%(\1)b", str(compiled))
    ours = {f"{letter}{place}" for letter in "vs" for place in range(len(names))}
    fixed = {name: value for name, value in compiled.params.items() if name not in ours}
    return _ManyRows(sql, {one.name: written for one, _kind, written in travelling}, fixed)


def _travels(one: ColumnClause[Any]) -> tuple[Any, Callable[[Any], Any] | None]:
    """As which type, and how it is written where that is not the column's own: arrays have no arrays of any length."""
    if isinstance(one.type, JSONB):
        return Text(), written_json
    if isinstance(one.type, ARRAY):
        return Text(), lambda values: None if values is None else _array(tuple(values))
    return one.type, None


def written_json(value: Any) -> str:
    """As it is kept; raises TypeError for what JSON has no form for."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except orjson.JSONEncodeError:
        # A number of more than 64 bits, as somebody may have signed it.
        return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=1000)
def _array(values: tuple[UUID | str, ...]) -> str:
    """Kept, for the same parties are written with every row of what they have in common."""
    return "{" + ",".join(f'"{str(value).translate(ESCAPED)}"' for value in values) + "}"
