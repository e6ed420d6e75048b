"""Comparing: the same fields of two or three things beside each other, and whether they say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from services.console.calling.shapes import Shape
from services.console.kit.values import Values, is_empty
from shared.core.words import Pair


@dataclass(frozen=True)
class Line:
    """One field, as each of the things has it; `within` is what the field is a part of."""

    shape: Shape
    within: Pair | None
    shown: Sequence[Markup]
    differs: bool


def compared(
    shape: Shape, documents: Sequence[Mapping[str, Any]], *, values: Values, within: Pair | None = None
) -> list[Line]:
    """Field by field, in the order of the schema; objects, and the objects of lists that are as long, by their own.

    What none of them has is left out.
    """
    found = []
    for one in shape.shown():
        held = [document.get(one.name) for document in documents]
        if all(map(is_empty, held)):
            continue
        if one.type == "object":
            found += compared(one, [value or {} for value in held], values=values, within=one.title)
        elif one.type == "list" and one.items and one.items.type == "object" and len({len(x or ()) for x in held}) == 1:
            for number, rows in enumerate(zip(*held, strict=True), 1):
                title = Pair(f"{one.title.zh} {number}", f"{one.title.en} {number}")
                found += compared(one.items, rows, values=values, within=title)
        else:
            differs = any(value != held[0] for value in held[1:])
            found.append(Line(one, within, [values.shown(one, value) for value in held], differs))
    return found
