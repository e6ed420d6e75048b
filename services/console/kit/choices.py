"""Choices that another list of the API has: roles by their names, what a scope allows, acts of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from flask import g

from services.console.calling.description import description
from services.console.calling.shapes import Shape
from services.console.calling.visits import visitor
from services.console.kit.areas import Area
from shared.core.words import Pair
from shared.pages.asking import RefusedByApiError, pages_of

MOST_CHOICES = 500
SCOPES = "scopes"


def choices_at(source: str) -> Mapping[str, Pair]:
    """The values there, each with what it is called; none where the reader may not see them. Read once per request.

    `source` is the address of a list, perhaps narrowed, or the name of a closed list of words in the API's description.
    """
    if not source.startswith("/") and source != SCOPES:
        return description().component(source).choices or {}
    kept: dict[str, Mapping[str, Pair]] = g.setdefault("choices", {SCOPES: description().scopes})
    if source not in kept:
        who = visitor()
        try:
            path, _, query = source.partition("?")
            rows = pages_of(who.api, path, most=MOST_CHOICES, **dict(parse_qsl(query))) if who else ()
        except RefusedByApiError:
            rows = ()
        kept[source] = {row["name"]: Pair(row["name_zh"], row["name_en"]) for row in rows}
    return kept[source]


def with_choices(area: Area, shape: Shape) -> Shape:
    """The same object; fields that the area declares so have choices."""
    if not (area.options or area.flags):
        return shape
    return replace(shape, fields=tuple(offering(area, one) for one in shape.fields))


def with_chosen(area: Area, shape: Shape, *, document: Mapping[str, Any]) -> Shape:
    """The same object, with the choices that the thing of this document has for its fields."""
    found = {name: choices(document) for name, choices in area.chosen.items()}
    return replace(shape, fields=tuple(_choosing(one, found.get(one.name, {})) for one in shape.fields))


def offering(area: Area, shape: Shape) -> Shape:
    """The same field, with the choices that the area declares for its name."""
    if shape.type == "flag" and shape.name in area.flags:
        yes, no = map(Pair.read, area.flags[shape.name])
        return replace(shape, choices={"true": yes, "false": no})
    inner = shape.items
    if inner is not None and any(one.name in area.flags for one in inner.fields):
        return replace(shape, items=replace(inner, fields=tuple(offering(area, one) for one in inner.fields)))
    source = area.options.get(shape.name)
    return _choosing(shape, choices_at(source) if source else {})


def _choosing(shape: Shape, choices: Mapping[str, Pair]) -> Shape:
    """The field, or each of its items, as a choice of these; as it is where there are none."""
    if not choices:
        return shape
    if shape.items is not None:
        return replace(shape, items=replace(shape.items, type="choice", choices=choices))
    return replace(shape, type="choice", choices=choices)
