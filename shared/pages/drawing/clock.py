"""The clock of a case: in whose hands it was for how many working days, what paused it, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from shared.pages.drawing.shapes import (
    Box,
    bar,
    element,
    hatching,
    number,
    picture,
    series_kind,
    shortened,
    width_of,
    words,
)

WIDTH, HEIGHT = 1100.0, 96.0
TOP, BAR = 30.0, 30.0


@dataclass(frozen=True)
class Span:
    """Some working days in a row; `owner` is the colour of whoever has it, None for those that are left."""

    label: str
    days: float
    owner: int | None = 0
    is_paused: bool = False


@dataclass(frozen=True)
class Mark:
    """What happened after so many working days; today is drawn stronger, what `is_below` stands below the bar."""

    day: float
    label: str
    is_today: bool = False
    is_below: bool = False


def clock(spans: Sequence[Span], marks: Sequence[Mark] = (), *, title: str, desc: str) -> Markup:
    """A bar in working days: whole colours run, hatched ones are paused, dashed ones are left."""
    scale = WIDTH / (sum(span.days for span in spans) or 1)
    content, x = [], 0.0
    for span in spans:
        width = span.days * scale
        content.append(draw_span(span, (x, TOP, max(width - 1.7, 0.0), BAR)))
        x += width
    for mark in marks:
        content += draw_mark(mark, mark.day * scale)
    return picture((WIDTH, HEIGHT), content, title=title, desc=desc)


def draw_span(span: Span, box: Box) -> Markup:
    """A span with its words, as far as there is room for them."""
    middle, width = box[0] + box[2] / 2, box[2]
    if span.owner is None:
        drawn, kind = [bar(box, "rest")], "strong"
    elif span.is_paused:
        colour = series_kind("l", span.owner)
        drawn = [bar(box, f"paused {series_kind('f', span.owner)}s {colour}"), hatching(box, colour)]
        kind = "strong"
    else:
        drawn, kind = [bar(box, series_kind("f", span.owner))], "on"
    text = shortened(f"{span.label} {span.days:g}{' ‖' if span.is_paused else ''}", width - 8)
    if len(text) < 2 or width_of(text) > width:
        text = ""
    if text and span.is_paused:
        plate = width_of(text) + 12
        drawn.append(element("rect", class_="plate", x=middle - plate / 2, y=36, width=plate, height=18, rx=9))
    if text:
        drawn.append(words((middle, 50), text, kind=kind, anchor="middle"))
    told = element("title", f"{span.label} {span.days:g}")
    return element("g", told + Markup("").join(drawn))


def draw_mark(mark: Mark, x: float) -> list[Markup]:
    """A tick with its words, which stay within the picture."""
    half = width_of(mark.label) / 2
    anchor, at = "middle", x
    if x < half:
        anchor, at = "start", x + 4
    elif x > WIDTH - half:
        anchor, at = "end", x - 4
    y, span = (84, "30V70") if mark.is_below else (16, "22V64")
    kind = "today" if mark.is_today else "tick"
    return [
        element("path", class_=kind, d=f"M{number(x)} {span}"),
        words((at, y), mark.label, kind="strong" if mark.is_today else "", anchor=anchor),
    ]
