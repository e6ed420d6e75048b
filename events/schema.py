"""JSON Schemas of event types: made from the dataclasses, kept as golden files, held to their compatibility rule."""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from events.canonical import Json
from events.catalog import EVENTS, Change
from events.text import FreeText

FOLDER = Path(__file__).parent / "schemas"
EXAMPLES = FOLDER / "examples"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_PLAIN: dict[object, tuple[dict[str, Json], Json]] = {
    str: ({"type": "string"}, "text"),
    int: ({"type": "integer"}, 1),
    bool: ({"type": "boolean"}, True),
    UUID: ({"type": "string", "format": "uuid"}, "6f1c3c1e-5a0b-4c58-9d0f-0a4f0f2f7a11"),
    date: ({"type": "string", "format": "date"}, "2025-01-01"),
    datetime: ({"type": "string", "format": "date-time"}, "2025-01-01T00:00:00.000000Z"),
    Decimal: ({"type": "string", "pattern": "^-?[0-9]+([.][0-9]+)?$"}, "0.5"),
    FreeText: (
        {
            "type": "string",
            "pattern": "^sha256:[0-9a-f]{64}$",
            "description": "Salted digest of a text that travels beside the entry and can be erased",
        },
        "sha256:" + "0" * 64,
    ),
}
"""JSON Schema and example of each scalar in its canonical form (`events.canonical.plain`)."""


def load_all() -> dict[str, type[Change]]:
    """Every event type of the project by name: imports all modules of this package."""
    package = import_module("events")
    for module in iter_modules(package.__path__):
        import_module(f"events.{module.name}")
    return dict(sorted(EVENTS.items()))


def schema_of(change: type[Change]) -> dict[str, Json]:
    """The JSON Schema of the change's signed document; unknown fields are allowed, for a later release adds some."""
    hints = get_type_hints(change)
    declared = fields(change)
    return {
        "$schema": DIALECT,
        "title": change.type,
        "description": inspect.getdoc(change) or "",
        "type": "object",
        "required": [item.name for item in declared if item.default is MISSING and item.default_factory is MISSING],
        "properties": {item.name: _of(hints[item.name])[0] for item in declared},
    }


def example_of(change: type[Change]) -> dict[str, Json]:
    """A document of this type with every field it has today."""
    hints = get_type_hints(change)
    return {item.name: _of(hints[item.name])[1] for item in fields(change)}


def _of(hint: Any) -> tuple[dict[str, Json], Json]:
    """Schema and example of one field; raises TypeError for what has no place in an event."""
    if hint is Any:
        return {}, "any"
    if hint in _PLAIN:
        schema, example = _PLAIN[hint]
        return dict(schema), example
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType) and len(inner) == 2 and type(None) in inner:
        schema, example = _of(next(part for part in inner if part is not type(None)))
        return {"anyOf": [schema, {"type": "null"}]}, example
    if origin in (tuple, list):
        schema, example = _of(inner[0])
        return {"type": "array", "items": schema}, [example]
    if origin is not None and issubclass(origin, Mapping):
        schema, example = _of(inner[1])
        return {"type": "object", "additionalProperties": schema or True}, {"key": example}
    raise TypeError(f"{hint} has no place in an event: use a scalar, a tuple, a dict or one of them | None")


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Why `new` cannot keep the type of `old`: only optional fields may be added, the rest is `.vN`."""
    before, after = old["properties"], new["properties"]
    kept = [name for name in before if name in after]
    return [
        *(f"{name} is gone" for name in before if name not in after),
        *(f"{name} has another form" for name in kept if _bare(before[name]) != _bare(after[name])),
        *(
            f"{name} is no longer as required as before"
            for name in kept
            if _required(old, name) != _required(new, name)
        ),
        *(f"{name} is new and required" for name in new["required"] if name not in before),
    ]


def _required(schema: Mapping[str, Any], name: str) -> bool:
    return name in schema["required"]


def _bare(schema: Json) -> Json:
    """Without descriptions, which may be reworded."""
    if isinstance(schema, dict):
        return {key: _bare(value) for key, value in schema.items() if key != "description"}
    return [_bare(item) for item in schema] if isinstance(schema, list) else schema
