"""The map of the first page and of the wall: provinces that take part, and what they build together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from markupsafe import Markup

from services.portal.calling.registers import Told
from services.portal.kit.places import provinces_of
from shared.core.portal_settings import PortalSettings
from shared.pages.drawing.geometry import geometry
from shared.pages.drawing.map import Arc, Member, Said, draw_map
from shared.pages.languages import language, t

STEPS = (1, 3, 6, 12)
"""From how many parks on a province has the next deeper tint."""


@dataclass(frozen=True)
class Line:
    """What two jurisdictions share: a row of the table, and an arc where they lie in different provinces."""

    one: Mapping[str, Any]
    other: Mapping[str, Any]
    is_standard: bool
    count: int
    example: str


@dataclass(frozen=True)
class ShownMap:
    """A drawn map, its rows, and under which number it may be published."""

    drawing: Markup
    lines: Sequence[Line]
    number: str
    source: str
    licence: str


def lines_between(tenants: Told, shared: Told) -> list[Line]:
    """What each two jurisdictions share, most first."""
    known = {tenant["id"]: tenant for tenant in tenants.items}
    found: dict[tuple[str, str, bool], Line] = {}
    for group in shared.body["groups"]:
        listed = sorted((key for key in group["tenants"] if key in known), key=lambda key: str(known[key]["code"]))
        for one, other in combinations(listed, 2):
            key = one, other, group["kind"] == "standards"
            first = Line(known[one], known[other], key[2], 0, t(group["example_zh"], group["example_en"]))
            found[key] = replace(found.get(key, first), count=found.get(key, first).count + group["count"])
    return sorted(
        found.values(), key=lambda line: (-line.count, line.one["code"], line.other["code"], line.is_standard)
    )


def shown_map(tenants: Told, shared: Told, *, settings: PortalSettings) -> ShownMap:
    """The whole country: members by how many parks they share, arcs between provinces."""
    drawn = geometry()
    parks: Counter[str] = Counter()
    for tenant in tenants.items:
        for code in provinces_of(tenant):
            parks[code] += 0
            parks[code] = max(parks[code], tenant["shared"].get("parks", 0))
    members = [
        Member(code, sum(count >= step for step in STEPS)) for code, count in parks.items() if code in drawn.outlines
    ]
    arcs = list(_arcs(tenants, shared, known=drawn.outlines))
    title = t("各辖区之间的园区与联合标准", "Parks and joint standards between the jurisdictions")
    said = Said(title, _desc(arcs, drawn.outlines), language())
    return ShownMap(
        drawing=draw_map(members, arcs, said=said, geometry=drawn),
        lines=lines_between(tenants, shared),
        number=settings.map_number or drawn.approval,
        source=settings.map_source or drawn.source,
        licence=settings.map_licence or drawn.licence,
    )


def _arcs(tenants: Told, shared: Told, *, known: Mapping[str, Any]) -> Iterator[Arc]:
    """Each thing counts once between two provinces, however many of its parties lie in them."""
    lie = {tenant["id"]: provinces_of(tenant)[:1] for tenant in tenants.items}
    found: Counter[tuple[str, str, bool]] = Counter()
    for group in shared.body["groups"]:
        provinces = {code for key in group["tenants"] for code in lie.get(key, ()) if code in known}
        for start, end in combinations(sorted(provinces), 2):
            found[start, end, group["kind"] == "standards"] += group["count"]
    for (start, end, is_standard), count in found.items():
        yield Arc(start, end, count, is_standard)


def _desc(arcs: Sequence[Arc], known: Mapping[str, Any]) -> str:
    if not arcs:
        return t("各辖区之间尚无共同的园区或标准。", "The jurisdictions share neither parks nor standards yet.")
    parts = []
    for arc in arcs:
        one, other = known[arc.start], known[arc.end]
        what = t("联合标准", "joint standards") if arc.is_standard else t("园区", "parks")
        parts.append(t(f"{one.zh}与{other.zh}:{what} {arc.count} 个", f"{one.en} and {other.en}: {arc.count} {what}"))
    return t(";", "; ").join(parts) + t("。", ".")
