"""The options of one operation: made of the schema that reads its request, typed and described as that is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click
from marshmallow import Schema, fields

from events.foreign import ForeignJsonError, read
from shared.http.descriptions.describing import Describing
from shared.http.fields.attachments import Uploaded

LARGEST_BODY = 10_000_000
DEEPEST_EXAMPLE = 3
PLACES: Mapping[type[fields.Field[Any]], tuple[str, str]] = {
    fields.UUID: ("UUID", "00000000-0000-0000-0000-000000000000"),
    fields.DateTime: ("TIME", "2026-01-01T00:00:00Z"),
    fields.Date: ("DAY", "2026-01-01"),
    fields.Decimal: ("NUMBER", "0.5"),
    fields.Url: ("URL", "https://example.cn/"),
    fields.Email: ("EMAIL", "li@example.cn"),
    Uploaded: ("FILE", "days.csv"),
}
"""What stands for a value in help, and an example of it."""


def options(schema: Schema) -> Iterator[click.Option]:
    """One per field, by the name it has in the request."""
    words = Describing()
    for name, field in schema.fields.items():
        key = field.data_key or name
        word = words.property_word(type(schema), key)
        lines = [] if word is None else [str(word.text)]
        if _metavar(field) == "JSON":
            lines.append(json.dumps(_example(field, DEEPEST_EXAMPLE), ensure_ascii=False))
        if isinstance(field, Uploaded):
            lines.append("也可以是本机文件的路径,会先上传 / or the path of a file here, which is uploaded first")
        if field.required:
            lines.append("[必填 / required]")
        said = "  ".join(lines)
        yield click.Option([flag(key), key], type=_type(field), metavar=_metavar(field), help=said)


def flag(key: str) -> str:
    """The option of this name."""
    return f"--{key.replace('_', '-')}"


def uploads(schema: Schema) -> list[str]:
    """The fields that name an uploaded file."""
    return [field.data_key or name for name, field in schema.fields.items() if isinstance(field, Uploaded)]


def missing(schema: Schema, given: Mapping[str, Any]) -> list[str]:
    """The options that the request needs and that were not given."""
    declared = {field.data_key or name: field for name, field in schema.fields.items()}
    return [flag(key) for key, field in declared.items() if field.required and given.get(key) is None]


def body(schema: Schema, given: Mapping[str, Any]) -> dict[str, Any]:
    """The request's body of the options that were given."""
    declared = {field.data_key or name: field for name, field in schema.fields.items()}
    made = {key: value for key, value in given.items() if value is not None}
    for key, value in made.items():
        if isinstance(value, str) and isinstance(declared[key], fields.List) and not value.lstrip().startswith("["):
            made[key] = [part.strip() for part in value.split(",")]
        elif isinstance(value, str) and _is_nested(declared[key]):
            made[key] = json_value(value)
    return made


def json_value(given: bytes | str) -> Any:
    """The JSON value; raises ClickException with what is wrong in it and where."""
    try:
        return read(given, largest=LARGEST_BODY)
    except ForeignJsonError as error:
        where = f"{error.pointer}: " if error.pointer else ""
        raise click.ClickException(
            f"JSON 不可用,请更正 / JSON that cannot be sent: {where}{error.zh} / {error.en}"
        ) from error


def _is_nested(field: fields.Field[Any]) -> bool:
    return isinstance(field, fields.List | fields.Dict | fields.Nested)


def _type(field: fields.Field[Any]) -> click.ParamType[Any] | None:
    if isinstance(field, fields.Boolean):
        return click.BOOL
    if isinstance(field, fields.Integer):
        return click.INT
    choices = _choices(field)
    return click.Choice(choices) if choices else None


def _choices(field: fields.Field[Any]) -> list[str]:
    return [choice for choice in field.metadata.get("enum", ()) if isinstance(choice, str)]


def _metavar(field: fields.Field[Any]) -> str | None:
    if _type(field) is not None:
        return None
    if isinstance(field, fields.List) and not _is_nested(field.inner):
        return f"{_metavar(field.inner) or '|'.join(_choices(field.inner)) or 'TEXT'},…"
    if _is_nested(field):
        return "JSON"
    return next((metavar for kind, (metavar, _example) in PLACES.items() if isinstance(field, kind)), "TEXT")


def _example(field: fields.Field[Any], deep: int) -> Any:
    if field.metadata.get("examples"):
        return field.metadata["examples"][0]
    if isinstance(field, fields.Nested):
        inner = field.schema.fields.items() if deep else ()
        found = {one.data_key or name: _example(one, deep - 1) for name, one in inner}
        return [found] if field.many else found
    if isinstance(field, fields.List):
        return [_example(field.inner, deep - 1)] if deep else []
    if isinstance(field, fields.Dict):
        return {}
    return _simple_example(field)


def _simple_example(field: fields.Field[Any]) -> Any:
    if isinstance(field, fields.Boolean | fields.Integer):
        return True if isinstance(field, fields.Boolean) else 1
    if choices := _choices(field):
        return choices[0]
    return next((example for kind, (_metavar, example) in PLACES.items() if isinstance(field, kind)), "…")
