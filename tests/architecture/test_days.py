"""Whatever names a day or a moment is read in one place, where it is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, fields

from services.registry import load
from shared.http.fields.times import Day, Instant, Moment
from tests.architecture.tree import modules, name_of

READERS = re.compile(r"\.(fromisoformat|fromtimestamp|strptime|fromordinal)\(|parsedate_to_datetime\(")
IN_ONE_PLACE = (
    "events/catalog.py", "events/entry.py", "shared/core/calendar.py", "shared/database/pages.py",
    "shared/database/rows.py", "shared/tables/worksheets.py",
)  # fmt: skip
"""`events` knows nothing of `shared`, and a row shows what its home signed: both are verified by who takes them in.

A day in a cell of a workbook is handed on as text, which is read like every other.
"""


def test_days_and_moments_are_read_in_one_place():
    found = [name_of(path) for path in modules() if READERS.search(path.read_text(encoding="utf-8"))]
    assert sorted(set(found) - set(IN_ONE_PLACE)) == []


def test_every_day_that_a_route_takes_is_bounded():
    every = [route for routes in load() for route in routes.declared]
    schemas = [schema for route in every for schema in (route.draft, route.query) if schema]
    taken = [field for schema in schemas for field in _fields(schema())]
    days = [field for field in taken if isinstance(field, fields.Date | fields.DateTime)]
    assert len(days) > 20
    assert [field.name for field in days if not isinstance(field, Day | Moment | Instant)] == []


def _fields(schema: Schema) -> Iterator[fields.Field[Any]]:
    for field in schema.fields.values():
        yield from _parts(field)


def _parts(field: Any) -> Iterator[fields.Field[Any]]:
    yield field
    if isinstance(field, fields.Nested):
        yield from _fields(field.schema)
    for name in ("inner", "key_field", "value_field"):
        if part := getattr(field, name, None):
            yield from _parts(part)
