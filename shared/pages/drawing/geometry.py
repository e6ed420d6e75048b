"""Where provinces lie on a map: read from a file that a deployment replaces by one that may be published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Outline:
    """A province: its names, where its label stands, and its outline as path data."""

    code: str
    name: str
    zh: str
    en: str
    x: float
    y: float
    path: str


@dataclass(frozen=True)
class Geometry:
    """A drawn country; what made it and under which number it may be published stand in its file."""

    width: float
    height: float
    outlines: Mapping[str, Outline]
    islets: str
    border: str
    inset: Mapping[str, Any]
    """The South China Sea: `width`, `height`, `land` and `border`; no map is drawn without it."""
    source: str
    licence: str
    approval: str
    """审图号. While there is none, the map is a sketch and says so."""


def read_geometry(text: str) -> Geometry:
    """From JSON as `data/geometry/make_maps.py` writes it; raises KeyError or TypeError for what is missing."""
    given = json.loads(text)
    outlines = {one["code"]: Outline(**one) for one in given.pop("provinces")}
    if missing := {"width", "height", "land", "border"} - given["inset"].keys():
        raise KeyError(f"inset: {', '.join(sorted(missing))}")
    return Geometry(outlines=outlines, **given)


@cache
def geometry(path: str = "") -> Geometry:
    """That of the file, or the one that comes with the product."""
    own = files("shared.pages").joinpath("geometry", "china.json")
    return read_geometry(Path(path).read_text("utf-8") if path else own.read_text("utf-8"))
