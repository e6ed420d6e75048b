"""What the API's own description says of fields: names, hints, types and choices, for forms, lists and pages alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.core.words import Pair

TECHNICAL = ("id", "version", "epoch", "etag", "allowed_actions", "names")
"""Fields that people are not shown."""
RULES = (
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "format",
    "x-refusal",
    "x-sum",
    "x-fewest",
)
"""`x-refusal`: what is said of a value that does not fit; `x-sum`: of ratios that do not add up to the whole;
`x-fewest`: how many items a list has at least, where that is for a command to judge.
"""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One field.

    `type`: text, lines, number, whole, flag, date, moment, choice, reference, file, object, list, map or any.
    """

    name: str
    type: str
    title: Pair
    hint: Pair
    required: bool = False
    nullable: bool = False
    choices: Mapping[str, Pair] | None = None
    reference: str = ""
    """The kind of thing that it names, "" where that may be any."""
    identifier: str = ""
    unit: str = ""
    """`ratio`: parts of one, which people read and write in per cent."""
    items: Shape | None = None
    """What a list or a map holds."""
    fields: tuple[Shape, ...] = ()
    example: Any = None
    longest: int | None = None
    most: int | None = None
    """How many a list may hold."""
    default: Any = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    """What else its values have to be, by the words in `RULES`."""

    @property
    def is_secret(self) -> bool:
        """Whether it is neither shown nor kept as a draft."""
        return self.rules.get("format") == "password"

    def field(self, name: str) -> Shape | None:
        """The field of this object that is called so."""
        return next((one for one in self.fields if one.name == name), None)

    def shown(self) -> Iterator[Shape]:
        """The fields that people see."""
        return (one for one in self.fields if one.name not in TECHNICAL)


BY_FORMAT = {"date": "date", "date-time": "moment", "uuid": "reference", "binary": "file", "decimal": "number"}
BY_TYPE = {"string": "text", "integer": "whole", "number": "number", "boolean": "flag", "object": "object"}


def pair_of(given: Mapping[str, str] | None, otherwise: str = "") -> Pair:
    """Both languages as the description says them."""
    return Pair(given["zh"], given["en"]) if given else Pair(otherwise, otherwise)


@dataclass(frozen=True)
class Reader:
    """Reads the schemas of one OpenAPI document."""

    components: Mapping[str, Any]

    def shape(self, schema: Mapping[str, Any], *, name: str = "", required: bool = False, depth: int = 0) -> Shape:
        """What a schema says of a field; schemas within schemas down to six, so that none is endless."""
        whole, nullable = self._whole(schema)
        kind = self._type(whole)
        return Shape(
            name=name,
            type=kind,
            title=pair_of(whole.get("x-title"), name),
            hint=pair_of(whole.get("x-description")),
            required=required,
            nullable=nullable,
            choices=choices_of(whole),
            reference=str(whole.get("x-reference", "")),
            unit=str(whole.get("x-unit", "")),
            identifier=str(whole.get("x-identifier", "")),
            items=self._items(whole, kind, depth=depth),
            fields=self._fields(whole, depth=depth) if kind in ("object", "file") else (),
            example=next(iter(whole.get("examples", ())), None),
            longest=whole.get("maxLength"),
            most=whole.get("maxItems"),
            default=whole.get("default"),
            rules={name: whole[name] for name in RULES if name in whole},
        )

    def _whole(self, schema: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """The schema with what it refers to, its own words first; and whether it may be null."""
        given, nullable = dict(schema), False
        for part in given.pop("anyOf", ()):
            if part.get("type") == "null":
                nullable = True
            else:
                given = {**part, **given}
        if "$ref" in given:
            told = self.components[given.pop("$ref").rpartition("/")[2]]
            given = {**told, **given}
        kinds = given.get("type")
        if isinstance(kinds, list):
            nullable = nullable or "null" in kinds
            given["type"] = next((kind for kind in kinds if kind != "null"), "string")
        return given, nullable

    def _type(self, whole: Mapping[str, Any]) -> str:
        is_map = isinstance(whole.get("additionalProperties"), dict) and "properties" not in whole
        is_file = {"sha256", "media_type"} <= whole.get("properties", {}).keys()
        told = (
            ("enum" in whole, "choice"),
            ("x-reference" in whole, "reference"),
            (whole.get("type") == "array", "list"),
            (is_map, "map"),
            (is_file, "file"),
            (bool(whole.get("x-lines")), "lines"),
        )
        by_format = BY_FORMAT.get(whole.get("format", ""), BY_TYPE.get(whole.get("type", ""), "any"))
        return next((kind for fits, kind in told if fits), by_format)

    def _items(self, whole: Mapping[str, Any], kind: str, *, depth: int) -> Shape | None:
        inner = {"list": whole.get("items"), "map": whole.get("additionalProperties")}.get(kind)
        return None if inner is None or depth > 6 else self.shape(inner, depth=depth + 1)

    def _fields(self, whole: Mapping[str, Any], *, depth: int) -> tuple[Shape, ...]:
        if depth > 6:
            return ()
        needed = whole.get("required", ())
        return tuple(
            self.shape(part, name=name, required=name in needed, depth=depth + 1)
            for name, part in whole.get("properties", {}).items()
        )


def choices_of(whole: Mapping[str, Any]) -> Mapping[str, Pair] | None:
    """The values that a field may have, each with its label; None where any may stand."""
    labels = whole.get("x-enum-labels", {})
    values = whole.get("enum", labels)
    return {value: pair_of(labels.get(value), value) for value in values if value is not None} if values else None
