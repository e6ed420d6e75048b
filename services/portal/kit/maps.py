"""The map of the first page and of the wall: provinces that take part, and what they build together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
    names: Sequence[str]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names)


@dataclass(frozen=True)
class ShownMap:
    """A drawn map, its rows, and under which number it may be published."""

    drawing: Markup
    lines: Sequence[Line]
    number: str
    source: str
    licence: str


def lines_between(tenants: Told, parks: Told, *, standards: Told) -> list[Line]:
    """What each two jurisdictions share, most first."""
    known = {tenant["id"]: tenant for tenant in tenants.items}
    found: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for park in parks.items:
        for pair in _pairs((party["tenant"] for party in park["parties"]), known):
            found[*pair, False].append(t(park["name_zh"], park["name_en"] or park["name_zh"]))
    for standard in standards.items:
        for pair in _pairs((issuer["tenant"] for issuer in standard["issuers"]), known):
            found[*pair, True].append(" ".join(standard["numbers"][:1]))
    lines = [Line(known[one], known[other], kind, names) for (one, other, kind), names in found.items()]
    return sorted(lines, key=lambda line: (-line.count, line.one["code"], line.other["code"], line.is_standard))


def _pairs(ids: Iterable[str], known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed = sorted((key for key in set(ids) if key in known), key=lambda key: str(known[key]["code"]))
    yield from combinations(listed, 2)


def shown_map(tenants: Told, lines: Sequence[Line], *, settings: PortalSettings) -> ShownMap:
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
    arcs = list(_arcs(lines, known=drawn.outlines))
    title = t("各辖区之间的园区与联合标准", "Parks and joint standards between the jurisdictions")
    said = Said(title, _desc(arcs, drawn.outlines), language())
    return ShownMap(
        drawing=draw_map(members, arcs, said=said, geometry=drawn),
        lines=lines,
        number=settings.map_number or drawn.approval,
        source=settings.map_source or drawn.source,
        licence=settings.map_licence or drawn.licence,
    )


def _arcs(lines: Sequence[Line], *, known: Mapping[str, Any]) -> Iterator[Arc]:
    shared: dict[tuple[str, str, bool], set[str]] = defaultdict(set)
    for line in lines:
        ends = [provinces_of(side)[:1] for side in (line.one, line.other)]
        if all(ends) and ends[0] != ends[1] and {ends[0][0], ends[1][0]} <= known.keys():
            start, end = sorted((ends[0][0], ends[1][0]))
            shared[start, end, line.is_standard] |= set(line.names)
    for (start, end, is_standard), names in shared.items():
        yield Arc(start, end, len(names), is_standard)


def _desc(arcs: Sequence[Arc], known: Mapping[str, Any]) -> str:
    if not arcs:
        return t("各辖区之间尚无共同的园区或标准。", "The jurisdictions share neither parks nor standards yet.")
    parts = []
    for arc in arcs:
        one, other = known[arc.start], known[arc.end]
        what = t("联合标准", "joint standards") if arc.is_standard else t("园区", "parks")
        parts.append(t(f"{one.zh}与{other.zh}:{what} {arc.count} 个", f"{one.en} and {other.en}: {arc.count} {what}"))
    return t(";", "; ").join(parts) + t("。", ".")
