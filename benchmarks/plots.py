"""Two plots as SVG, drawn by hand: how soon changes are visible, and which process spends how much on an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 320, 90, 40, 50
COLOURS = {"floor": "#8a8f98", "platform": "#1f6feb"}
PARTS = {"relay": "#1f6feb", "worker": "#54aeff", "kafka": "#d29922", "postgres": "#8a8f98"}
FRAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="13">'
    '<rect width="{width}" height="{height}" fill="white"/>{inside}</svg>\n'
)


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#24292f">{escape(words)}</text>'


def _line(x: float, y: float, to: tuple[float, float], colour: str = "#d0d7de") -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to[0]:.1f}" y2="{to[1]:.1f}" stroke="{colour}"/>'


def _framed(title: str, shapes: Iterable[str]) -> str:
    inside = "".join((_text(WIDTH / 2, 22, title), *shapes))
    return FRAME.format(width=WIDTH, height=HEIGHT, inside=inside)


def ticks(most: float, about: int = 6) -> list[float]:
    """Round numbers from nought to at least `most`, some `about` of them."""
    size = 10.0 ** len(str(int(most / about))) / 10 if most >= about else 0.1
    step = next(size * times for times in (1, 2, 5, 10, 20, 50, 100) if size * times * about >= most)
    return [step * number for number in range(int(-(-most // step)) + 1)]


def latency(lanes: Mapping[str, Sequence[float]]) -> str:
    """Percentiles of milliseconds, a curve for each lane: how many changes were visible by then."""
    marks = ticks(max(points[-1] for points in lanes.values()))
    wide, tall = WIDTH - LEFT - 30, HEIGHT - TOP - BOTTOM
    shapes = []
    for mark in marks:
        x = LEFT + mark / marks[-1] * wide
        shapes += [_line(x, TOP, (x, TOP + tall)), _text(x, TOP + tall + 18, f"{mark:g}")]
    for share in (0, 25, 50, 75, 100):
        y = TOP + tall - share / 100 * tall
        shapes += [_line(LEFT, y, (LEFT + wide, y)), _text(LEFT - 8, y + 4, f"{share} %", "end")]
    for number, (name, points) in enumerate(lanes.items()):
        places = (
            f"{LEFT + value / marks[-1] * wide:.1f},{TOP + tall - (at + 1) / (len(points) + 1) * tall:.1f}"
            for at, value in enumerate(points)
        )
        shapes.append(
            f'<polyline points="{" ".join(places)}" fill="none" stroke="{COLOURS[name]}" stroke-width="2.5"/>'
        )
        shapes += _legend(LEFT + 20 + 120 * number, name, COLOURS[name])
    return _framed("commit → visible at the party: ms, and the part of the changes visible by then", shapes)


def cost(lanes: Mapping[str, Mapping[str, Any]]) -> str:
    """CPU seconds per 1,000 events, a bar for each lane, made of its processes."""
    marks = ticks(max(sum(found[name] for name in PARTS) for found in lanes.values()))
    wide, tall = WIDTH - LEFT - 30, HEIGHT - TOP - BOTTOM
    shapes = []
    for mark in marks:
        x = LEFT + mark / marks[-1] * wide
        shapes += [_line(x, TOP, (x, TOP + tall)), _text(x, TOP + tall + 18, f"{mark:g}")]
    for number, (lane, found) in enumerate(lanes.items()):
        y, x = TOP + (number + 0.25) * tall / len(lanes), float(LEFT)
        shapes.append(_text(LEFT - 8, y + tall / len(lanes) / 4 + 4, lane, "end"))
        for name, colour in PARTS.items():
            size = found[name] / marks[-1] * wide
            bar = tall / len(lanes) / 2
            shapes.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" height="{bar:.1f}" fill="{colour}"/>')
            x += size
    for number, (name, colour) in enumerate(PARTS.items()):
        shapes += _legend(LEFT + 120 * number, name, colour)
    return _framed("CPU seconds per 1,000 events of a burst, by process", shapes)


def _legend(x: float, name: str, colour: str) -> list[str]:
    box = f'<rect x="{x:.1f}" y="{HEIGHT - 20}" width="12" height="12" fill="{colour}"/>'
    return [box, _text(x + 18, HEIGHT - 9, name, "start")]
