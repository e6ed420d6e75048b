"""Lines: figures over time, large with axes or small within a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from shared.pages.drawing.shapes import Point, bar, element, hatching, number, picture, series_kind, width_of, words

WIDTH, HEIGHT = 570.0, 214.0
TOP, BOTTOM, RIGHT = 25.0, 190.0, 556.0


@dataclass(frozen=True)
class Series:
    """Figures in the order of the labels below; None where there is none, and the line is broken."""

    label: str
    values: Sequence[float | None]
    is_dashed: bool = False


def ticks(low: float, high: float) -> list[float]:
    """About four round figures that hold both."""
    span = (high - low) or abs(high) or 1.0
    rough = span / 3
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first, last = floor(low / step), max(ceil(high / step), floor(low / step) + 1)
    return [round(index * step, 10) for index in range(first, last + 1)]


@dataclass(frozen=True)
class Axes:
    """Where labels and figures stand."""

    left: float
    step: float
    marks: Sequence[float]

    def at(self, index: int, value: float) -> tuple[float, float]:
        """The point of a figure."""
        scale = (BOTTOM - TOP) / (self.marks[-1] - self.marks[0])
        return self.left + index * self.step, BOTTOM - (value - self.marks[0]) * scale

    def drawn(self, labels: Sequence[str]) -> Iterator[Markup]:
        """A line for each round figure, and as many labels as have room."""
        for mark in self.marks:
            y = self.at(0, mark)[1]
            yield element("path", class_="grid", d=f"M{number(self.left)} {number(y)}H{number(RIGHT)}")
            yield words((self.left - 6, y + 4), f"{mark:,g}", anchor="end")
        every = ceil((max(map(width_of, labels), default=0) + 4) / self.step)
        for index in range(0, len(labels), max(every, 1)):
            yield words((self.left + index * self.step, BOTTOM + 18), labels[index], anchor="middle")


def line(labels: Sequence[str], series: Sequence[Series], *, title: str, desc: str, owed: Sequence[int] = ()) -> Markup:
    """Lines over the labels; the columns `owed` are hatched: they are due and not there.

    Raises ValueError for more than six series, and for one that has not a figure or None for each label.
    """
    known = [value for one in series for value in one.values if value is not None]
    marks = ticks(min(known, default=0.0), max(known, default=1.0))
    left = max(width_of(f"{mark:,g}") for mark in marks) + 14
    axes = Axes(left, (RIGHT - left) / max(len(labels) - 1, 1), marks)
    content = list(axes.drawn(labels))
    for index in owed:
        column = (axes.at(index, marks[0])[0] - 18, TOP, 36.0, BOTTOM - TOP)
        content += [bar(column, "owed"), hatching(column, "owed")]
    for index, one in enumerate(series):
        content += draw_series(one, axes, index=index, labels=labels)
    return picture((WIDTH, HEIGHT), content, title=title, desc=desc)


def runs(points: Sequence[Point | None]) -> Iterator[list[Point]]:
    """Points that stand beside each other without a gap."""
    run: list[Point] = []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
        elif run:
            yield run
            run = []


def path(run: Sequence[Point]) -> str:
    """The `points` of a polyline."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in run)


def draw_series(one: Series, axes: Axes, *, index: int, labels: Sequence[str]) -> list[Markup]:
    """A line with a point for each figure; the first series says its last one."""
    points = [None if value is None else axes.at(at, value) for at, value in enumerate(one.values)]
    kind = f"line-series {'dashed ' if one.is_dashed else ''}{series_kind('l', index)}"
    drawn = [element("polyline", class_=kind, points=path(run)) for run in runs(points)]
    for label, value, point in zip(labels, one.values, points, strict=True):
        if point is not None and value is not None:
            told = element("title", f"{one.label} {label} {value:,g}")
            drawn.append(element("circle", told, class_=series_kind("f", index), cx=point[0], cy=point[1], r=3))
    ends = [(value, point) for value, point in zip(one.values, points, strict=True) if value is not None and point]
    if index == 0 and ends:
        value, (x, y) = ends[-1]
        drawn.append(words((x, y - 8), f"{value:,g}", kind="strong", anchor="end" if x > RIGHT - 20 else "middle"))
    return drawn


def sparkline(values: Sequence[float | None], *, title: str) -> Markup:
    """The course of some figures in the height of a line of text, its last one as a dot."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    step, scale = 112 / max(len(values) - 1, 1), 20 / ((high - low) or 1)
    points = [None if value is None else (4 + at * step, 24 - (value - low) * scale) for at, value in enumerate(values)]
    drawn = [element("polyline", class_="line-series l1", points=path(run)) for run in runs(points)]
    ends = [point for point in points if point is not None]
    if ends:
        drawn.append(element("circle", class_="f1", cx=ends[-1][0], cy=ends[-1][1], r=3))
    content = element("title", title) + Markup("").join(drawn)
    return element("svg", content, class_="sparkline", viewBox="0 0 120 28", role="img")
