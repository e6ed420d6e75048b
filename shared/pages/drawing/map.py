"""The map: all provinces, those that take part with their names, and arcs for what they share.

Its rules: the whole country with the South China Sea, never cropped; at most five steps of one hue, of which "none" and
"unknown" are different; an arc bends to the left of its direction and is as wide as its number says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import hypot

from markupsafe import Markup

from shared.pages.drawing.geometry import Geometry, Outline
from shared.pages.drawing.shapes import Point, element, number, picture, width_of, words

Corners = tuple[float, float, float, float]
SEA = {"zh": "南海诸岛", "en": "South China Sea"}
RADIUS = 10.0


@dataclass(frozen=True)
class Member:
    """A province that takes part, by its six digits; `step` is 0 to 4, None where the figure is not known."""

    code: str
    step: int | None = 1


@dataclass(frozen=True)
class Arc:
    """What two provinces share; what is only proposed is no arc."""

    start: str
    end: str
    count: int
    is_standard: bool = False
    """Standards and recognitions are dashed, parks are solid."""


@dataclass(frozen=True)
class Said:
    """What a map is called and what it says, in the language of its labels."""

    title: str
    desc: str
    language: str = "zh"


def draw_map(members: Sequence[Member], arcs: Sequence[Arc], *, said: Said, geometry: Geometry) -> Markup:
    """The country; raises KeyError for a member or an end of an arc that is no province of the geometry."""
    steps = {member.code: member.step for member in members}
    # The edge of what is unknown lies over its neighbours.
    codes = sorted(geometry.outlines, key=lambda code: code in steps and steps[code] is None)
    content = [draw_province(geometry.outlines[code], steps, language=said.language) for code in codes]
    content += [
        element("path", class_="islet", d=geometry.islets),
        element("path", class_="border", d=geometry.border),
        draw_inset(geometry, said.language),
    ]
    flows, signs, taken = draw_flows(arcs, geometry)
    marked = [geometry.outlines[code] for code in dict.fromkeys([*steps, *(c for a in arcs for c in (a.start, a.end))])]
    taken += [(one.x - 5, one.y - 5, one.x + 5, one.y + 5) for one in marked]
    dots = [element("circle", class_="dot", cx=one.x, cy=one.y, r=3.5) for one in marked]
    labels = []
    for one in marked:
        text = one.zh if said.language == "zh" else one.en
        label, box = place_label(text, (one.x, one.y), taken=taken)
        labels.append(label)
        taken.append(box)
    content += [*flows, *dots, *labels, *signs]
    return picture((geometry.width, geometry.height), content, title=said.title, desc=said.desc)


def draw_province(one: Outline, steps: dict[str, int | None], *, language: str) -> Markup:
    """An outline with its name; its colour is its step, of whoever takes part."""
    kind = "province"
    if one.code in steps:
        step = steps[one.code]
        kind += " unknown" if step is None else f" k{step}"
    told = element("title", one.name if language == "zh" else one.en)
    return element("path", told, class_=kind, d=one.path)


def draw_inset(geometry: Geometry, language: str) -> Markup:
    """The islands of the South China Sea in their frame."""
    sea = geometry.inset
    content = [
        element("title", SEA[language]),
        element("rect", class_="frame", width=sea["width"], height=sea["height"]),
        element("path", class_="province", d=sea["land"]),
        element("path", class_="border", d=sea["border"]),
        words((sea["width"] / 2, sea["height"] - 5), SEA[language], anchor="middle"),
    ]
    corner = (geometry.width - 2 - sea["width"], geometry.height - 2 - sea["height"])
    place = f"translate({number(corner[0])} {number(corner[1])})"
    return element("g", Markup("").join(content), class_="inset", transform=place)


def bent(start: Point, end: Point, *, bend: float) -> tuple[str, Point]:
    """The path from one to the other, bent to its left and clear of the dots, and the point in its middle.

    `bend` is in distances between the two; neighbours are bent more, so that a number has room beside the line.
    """
    across, down = end[0] - start[0], end[1] - start[1]
    long = hypot(across, down)
    away = bend * max(1.0, 150 / long)
    middle = ((start[0] + end[0]) / 2 + down * away, (start[1] + end[1]) / 2 - across * away)
    ends = [
        tuple(one[i] + (middle[i] - one[i]) * 8 / hypot(middle[0] - one[0], middle[1] - one[1]) for i in (0, 1))
        for one in (start, end)
    ]
    path = "M{} {}Q{} {} {} {}".format(*map(number, (*ends[0], *middle, *ends[1])))
    return path, ((start[0] + 2 * middle[0] + end[0]) / 4, (start[1] + 2 * middle[1] + end[1]) / 4)


def bends(arcs: Sequence[Arc]) -> Iterator[float]:
    """How far each arc bends: a second one between the same two lies on the other side, a third further out."""
    used: set[tuple[frozenset[str], int, int]] = set()
    for arc in arcs:
        pair, direction = frozenset((arc.start, arc.end)), 1 if arc.start < arc.end else -1
        slots = ((level, side) for level in range(len(arcs)) for side in (1, -1))
        level, side = next(slot for slot in slots if (pair, slot[0], slot[1] * direction) not in used)
        used.add((pair, level, side * direction))
        yield side * 0.36 * (1 + level * 0.6)


def draw_flows(arcs: Sequence[Arc], geometry: Geometry) -> tuple[list[Markup], list[Markup], list[Corners]]:
    """Arcs, their numbers in circles, and where these stand."""
    most = max((arc.count for arc in arcs), default=1)
    flows, signs, taken = [], [], []
    for arc, bend in zip(arcs, bends(arcs), strict=True):
        one, other = geometry.outlines[arc.start], geometry.outlines[arc.end]
        path, (x, y) = bent((one.x, one.y), (other.x, other.y), bend=bend)
        kind = "flow standard" if arc.is_standard else "flow park"
        flows.append(element("path", class_=kind, d=path, stroke_width=2 + 2 * arc.count / most))
        sign = element("circle", class_="dot-num", cx=x, cy=y, r=RADIUS)
        signs.append(element("g", sign + words((x, y), str(arc.count), kind="on-dot", anchor="middle")))
        taken.append((x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS))
    return flows, signs, taken


def place_label(text: str, place: Point, *, taken: Iterable[Corners]) -> tuple[Markup, Corners]:
    """Below, above or beside its dot, where nothing stands yet."""
    (x, y), half = place, width_of(text) / 2
    spots = [(x, y + 18), (x, y - 8), (x + half + 8, y + 4), (x - half - 8, y + 4)]
    boxes = [(cx - half, cy - 11, cx + half, cy + 3) for cx, cy in spots]
    crowded = [sum(overlap(box, other) for other in taken) for box in boxes]
    best = crowded.index(min(crowded))
    return words(spots[best], text, kind="label", anchor="middle"), boxes[best]


def overlap(one: Corners, other: Corners) -> float:
    """How much of one lies under the other, in square pixels."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(across, 0.0) * max(down, 0.0)
