"""Bars: of like things beside each other, of one whole in its parts, and of one part of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shared.pages.drawing.shapes import (
    bar,
    element,
    hatching,
    legend,
    picture,
    series_kind,
    shortened,
    width_of,
    words,
)

WIDTH = 570.0
ROW = 29.0


@dataclass(frozen=True)
class Bar:
    """One row: its length, and what is written beside it."""

    label: str
    value: float
    shown: str
    is_owed: bool = False
    """Not reported in time: an older figure, or none, and hatched."""


def bars(rows: Sequence[Bar], *, title: str, desc: str) -> Markup:
    """One bar a row, on one scale that holds 0; what is negative goes to the left of the line."""
    names = min(max((width_of(row.label) for row in rows), default=0) + 10, WIDTH * 0.4)
    figures = max((width_of(row.shown) for row in rows), default=0) + 10
    low, high = min(0.0, *(row.value for row in rows), 0.0), max(0.0, *(row.value for row in rows), 0.0)
    left = names + (figures if low else 0)
    scale = (WIDTH - left - figures) / ((high - low) or 1)
    zero = left - low * scale
    content = [element("path", class_="axis", d=f"M{zero:.1f} 0V{len(rows) * ROW + 4:.1f}")]
    for index, row in enumerate(rows):
        content += draw_row(row, index * ROW + 6, zero=zero, scale=scale, names=names)
    return picture((WIDTH, len(rows) * ROW + 8), content, title=title, desc=desc)


def draw_row(row: Bar, y: float, *, zero: float, scale: float, names: float) -> list[Markup]:
    """Name, bar and figure of one row."""
    length = abs(row.value) * scale
    start = zero - length if row.value < 0 else zero
    label = element("title", row.label) + Markup("{}").format(shortened(row.label, names - 8))
    drawn = [words((names - 8, y + 15), label, anchor="end")]
    box = (start, y, length, 21.0)
    drawn.append(bar(box, "owed" if row.is_owed else "f1"))
    if row.is_owed and length:
        drawn.append(hatching(box, "owed"))
    x, anchor = (start - 6, "end") if row.value < 0 else (start + length + 6, "start")
    return [*drawn, words((x, y + 15), row.shown, kind="strong", anchor=anchor)]


@dataclass(frozen=True)
class Part:
    """A part of a whole, and what is written below it."""

    label: str
    value: float
    shown: str


def stacked(parts: Sequence[Part], *, title: str, desc: str) -> Markup:
    """A whole in its parts, in order, with words below those wide enough; raises ValueError for more than six."""
    whole = sum(part.value for part in parts)
    content, x = [], 0.0
    for index, part in enumerate(parts):
        width = (WIDTH - 10) * part.value / whole if whole else 0.0
        told = element("title", f"{part.label} {part.shown}")
        kind = series_kind("f", index)
        content.append(element("g", told + bar((x, 4, max(width - 1.5, 0), 30), kind)))
        if width_of(part.shown) <= width:
            content.append(words((x, 52), part.shown, kind="strong"))
        if width >= 2.5 * 12:
            content.append(words((x, 68), shortened(part.label, width - 2)))
        x += width
    return picture((WIDTH - 10, 74), content, title=title, desc=desc)


def key_of(parts: Sequence[Part]) -> Markup:
    """The legend of a whole in its parts, with every figure."""
    return legend((series_kind("f", index), f"{part.label} {part.shown}") for index, part in enumerate(parts))


def ratio(part: float, whole: float, *, title: str) -> Markup:
    """How much of a whole, as a bar in a line of text."""
    share = min(max(part / whole, 0.0), 1.0) if whole else 0.0
    drawn = bar((0, 0, 100, 8), "rest") + bar((0, 0, 100 * share, 8), "f1")
    told = element("title", title)
    return element("svg", told + drawn, class_="ratio", viewBox="0 0 100 8", role="img", preserveAspectRatio="none")
