"""The columns of an exported list: made of the schema that shows its rows, with titles in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema, fields

from shared.http.descriptions.describing import Describing
from shared.http.fields.references import field_refers

BETWEEN = "; "
NOT_DATA = {"allowed_actions"}
"""What a row says for the moment of reading alone."""


@dataclass(frozen=True)
class Column:
    """One column: where its value stands in a document; `named` shows the names of the ids there instead."""

    title: str
    path: tuple[str, ...]
    named: bool = False

    def cell(self, document: Any, *, names: Mapping[str, Any]) -> str | int | float:
        """The value as a cell: whole numbers as such, everything else as text."""
        value = document
        for name in self.path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if self.named:
            found = dict.fromkeys(key for key in _texts(value) if key in names)
            value = [f"{names[key]['zh']} / {names[key]['en']}" for key in found]
        return _cell(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (key, *_texts(item))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


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
def columns_of(view: type[Schema], path: tuple[str, ...] = ()) -> Sequence[Column]:
    """One for each field; an object has one for each of its own."""
    columns: list[Column] = []
    for name, field in view().dump_fields.items():
        key = field.data_key or name
        if isinstance(field, fields.Nested) and not field.many:
            columns += columns_of(type(field.schema), (*path, key))
        elif key not in NOT_DATA:
            # What people call it, in both languages, and the name that machines know it by.
            word, called = Describing().property_word(view, key), ".".join((*path, key))
            title = called if word is None else f"{word.title} [{called}]"
            columns.append(Column(title, (*path, key)))
            if field_refers(field):
                columns.append(Column(f"{title} 名称 / name", (*path, key), named=True))
    return columns
