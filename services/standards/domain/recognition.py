"""What a recognition covers: its items, who accepts what of whom, and whether an item covers what is asked."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime
from functools import lru_cache
from uuid import UUID

from events.canonical import Json
from shared.core.calendar import read_moment
from shared.text.identifiers import form, normal
from shared.text.identifiers.writing import plainly
from shared.text.searching import spaced

ACCEPTS = ("standard", "certificates")
"""A standard as one's own, or also the certificates issued under it by the other side's bodies."""
MOST_ITEMS = 100
CLASS = re.compile("[A-Z][0-9]{0,4}")
"""A class of GB/T 4754, such as C2110, or what begins several."""

Item = Mapping[str, Json]
"""`{"standard": id, "accepts", "product_classes", "sectors", "parks": [ids], "extra_tests", "validity_cap_months":
int | None, "from": instant, "until": instant | None}`; an empty list limits nothing, the last two are valid time."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a certificate is wanted for: None where the question does not say."""

    product_class: str | None = None
    sector: str | None = None
    park: UUID | None = None

    @classmethod
    def read(cls, text: str | None) -> Asked:
        """`class:C2110`, `sector:家具` or `park:<id>`, several with commas, in any width; raises ValueError."""
        plain = plainly(text or "")
        given = [part.strip().partition(":")[::2] for part in plain.split(",") if part.strip()]
        parts = {name: value.strip() for name, value in given}
        if set(parts) - {"class", "sector", "park"} or len(parts) < len(given) or not all(parts.values()):
            raise ValueError(text)
        if "class" in parts:
            parts["class"] = normal("product_class", parts["class"])
        park = UUID(parts["park"]) if "park" in parts else None
        return cls(product_class=parts.get("class"), sector=parts.get("sector"), park=park)


def classes_of(certificate: Mapping[str, Json]) -> list[str]:
    """The classes of its products; raises ValueError when there is none or one is no class, for that would be all."""
    classes = [product["class"] for product in certificate["products"]]
    if not classes or not all(CLASS.fullmatch(one) for one in classes):
        raise ValueError("a certificate is for products of some class")
    return classes


def methods_of(names: Sequence[str]) -> frozenset[str]:
    """Methods as they are compared: they are called by numbers of standards, in which dashes and widths differ."""
    return frozenset(map(_method, names))


@lru_cache(maxsize=4096)
def _method(name: str) -> str:
    return form("project_number", name)


def within(product_class: str, classes: Sequence[str]) -> bool:
    """Whether a class lies under one of `classes`, by its prefix (GB/T 4754); an empty list limits nothing."""
    return not classes or any(product_class.startswith(item) for item in classes)


def other_side(state: Mapping[str, Json], tenant: UUID) -> UUID | None:
    """Whose documents `tenant` accepts by this recognition, or None."""
    recogniser, recognised = UUID(state["recogniser"]), UUID(state["recognised"])
    if tenant == recogniser:
        return recognised
    return recogniser if state["mutual"] and tenant == recognised else None


def items_at(state: Mapping[str, Json], moment: datetime) -> Iterator[Item]:
    """The items that hold at this moment, whatever the state of the recognition itself."""
    for item in state["items"]:
        ended = item["until"] is not None and read_moment(item["until"]) <= moment
        if read_moment(item["from"]) <= moment and not ended:
            yield item


def covers(item: Item, asked: Asked, *, classes: Sequence[str]) -> bool:
    """Whether the item's scope holds what is asked; `classes` are the certificate's own, meant when none is asked."""
    wanted = [asked.product_class] if asked.product_class else classes
    in_sector = not item["sectors"] or spaced(asked.sector or "") in map(spaced, item["sectors"])
    in_park = not item["parks"] or (asked.park is not None and str(asked.park) in item["parks"])
    return all(within(one, item["product_classes"]) for one in wanted) and in_sector and in_park


def accepting(
    state: Mapping[str, Json], certificate: Mapping[str, Json], *, here: UUID, moment: datetime
) -> Item | None:
    """The item by which a recognition in force has `here` accept the certificate, for whatever sector or park."""
    if str(other_side(state, here)) != certificate["tenant"]:
        return None
    classes = classes_of(certificate)
    for item in items_at(state, moment):
        named = item["standard"] == certificate["standard_id"] and item["accepts"] == "certificates"
        if named and all(within(one, item["product_classes"]) for one in classes):
            return item
    return None


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month; raises ValueError beyond the year 9999."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if not MINYEAR <= year <= MAXYEAR:
        raise ValueError(f"no calendar has the year {year}")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
