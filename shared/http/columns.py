"""The columns of an exported list: made of the schema that shows its rows, with titles in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema, fields

BETWEEN = "; "
NOT_DATA = {"allowed_actions"}
"""What a row says for the moment of reading alone."""


@dataclass(frozen=True)
class Column:
    """One column: where its value stands in a document."""

    title: str
    path: tuple[str, ...]

    def cell(self, document: Any, *, names: Mapping[str, Any]) -> str | int | float:
        """The value as a cell: whole numbers as such, everything else as text."""
        del names
        value = document
        for name in self.path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return _cell(value)


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return BETWEEN.join(str(_cell(item)) for item in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@cache
def columns_of(view: type[Schema]) -> Sequence[Column]:
    """One for each field; an object has one for each of its own."""
    return list(_columns(view))


def _columns(view: type[Schema], path: tuple[str, ...] = ()) -> Iterator[Column]:
    for name, field in view().dump_fields.items():
        key = field.data_key or name
        if isinstance(field, fields.Nested) and not field.many:
            yield from _columns(type(field.schema), (*path, key))
        elif key not in NOT_DATA:
            yield Column(".".join((*path, key)), (*path, key))
