"""What all drawings are made of: elements, words, hatching, and the picture around them."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

SERIES = 6
"""Colours that can be told apart; whoever has more kinds sums up the rest as one."""
EM = 12

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, width, height."""


def number(value: float) -> str:
    """A coordinate with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, content: str = "", **attributes: str | float) -> Markup:
    """An element; `class_` is its class, underscores are hyphens, floats are coordinates."""
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    told = Markup("").join(
        Markup(' {}="{}"').format(key, value if isinstance(value, str) else number(value)) for key, value in pairs
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), told, content)  # noqa: S704 - names are this package's own


def words(at: Point, text: str, *, kind: str = "", anchor: str = "start") -> Markup:
    """A line of text at its baseline."""
    return element("text", text, class_=kind, x=at[0], y=at[1], text_anchor=anchor)


def width_of(text: str) -> float:
    """About how wide a text is, in pixels of a drawing: Han are square, others little more than half."""
    return sum(EM if ord(character) >= 0x2E80 else 0.58 * EM for character in text)


def shortened(text: str, width: float) -> str:
    """As much of a text as fits."""
    if width_of(text) <= width:
        return text
    kept = text
    while kept and width_of(kept) > width - EM:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def bar(box: Box, kind: str) -> Markup:
    """A rectangle, not thinner than can be seen unless it stands for nothing."""
    x, y, width, height = box
    return element("rect", class_=kind, x=x, y=y, width=max(width, 0.5) if width else 0.0, height=height)


def hatching(box: Box, kind: str) -> Markup:
    """Diagonals within a rectangle: what is owed, or paused, also without colour."""
    x, y, width, height = box
    step, lines = 8.0, []
    offset = step / 2
    while offset < width + height:
        left, right = max(0.0, offset - height), min(width, offset)
        start = (x + left, y + min(height, offset - left))
        end = (x + right, y + max(0.0, offset - right))
        lines.append(f"M{number(start[0])} {number(start[1])}L{number(end[0])} {number(end[1])}")
        offset += step
    return element("path", class_=f"hatch {kind}", d="".join(lines))


def picture(size: Point, content: Iterable[str], *, title: str, desc: str) -> Markup:
    """The drawing with what it is called and what it says, for whoever does not see it."""
    told = element("title", title) + element("desc", desc)
    box = f"0 0 {number(size[0])} {number(size[1])}"
    return element("svg", told + Markup("").join(content), viewBox=box, role="img")


def series_kind(prefix: str, index: int) -> str:
    """The class of the colour of a series; raises ValueError for one too many."""
    if not 0 <= index < SERIES:
        raise ValueError(f"a drawing has at most {SERIES} series, sum up the rest")
    return f"{prefix}{index + 1}"


def legend(entries: Iterable[tuple[str, str]]) -> Markup:
    """What each kind means: pairs of a kind (`f1`, `paused l2`, `flow park`, `k2` …) and its words."""
    lines = []
    for kind, meaning in entries:
        if "flow" in kind or "line-series" in kind:
            sign = element("path", class_=kind, d="M0 7h14", stroke_width=3)
        else:
            sign = element("rect", class_=kind, width=14, height=14, rx=2)
            if "paused" in kind or "owed" in kind:
                sign += hatching((0, 0, 14, 14), kind)
        drawn = element("svg", sign, viewBox="0 0 14 14", aria_hidden="true")
        lines.append(element("li", drawn + Markup("{}").format(meaning)))
    return element("ul", Markup("").join(lines), class_="legend")
