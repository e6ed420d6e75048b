"""Comparing: the same fields of two or three things beside each other, and whether they say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from services.console.calling.shapes import Shape
from services.console.kit.values import Values, is_empty


@dataclass(frozen=True)
class Line:
    """One field, as each of the things has it."""

    shape: Shape
    within: Shape | None
    """The object that the field is a part of."""
    shown: Sequence[Markup]
    differs: bool


def compared(shape: Shape, documents: Sequence[Mapping[str, Any]], *, values: Values) -> list[Line]:
    """Field by field, in the order of the schema, objects by their own fields; what none of them has is left out."""
    found = []
    for one in shape.shown():
        held = [document.get(one.name) for document in documents]
        if all(map(is_empty, held)):
            continue
        if one.type == "object":
            parts = [value or {} for value in held]
            inner = compared(one, parts, values=values)
            found += [Line(line.shape, one, line.shown, line.differs) for line in inner]
            continue
        differs = any(value != held[0] for value in held[1:])
        found.append(Line(one, None, [values.shown(one, value) for value in held], differs))
    return found
