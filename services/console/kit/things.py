"""Things: what one of them says, what may be done to it, who has it, whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from services.console.calling.description import Operation, description
from services.console.calling.shapes import Shape
from services.console.kit.areas import AREAS, Area
from services.console.kit.values import Values, is_empty, state
from shared.core.words import Pair
from shared.pages.asking import Answer, Api, RefusedByApiError

HARMFUL = ("suspend", "revoke", "withdraw", "dissolve", "refuse", "close", "end", "remove", "abandon", "deactivate",
           "erase", "lock", "leave", "disqualify", "conceal", "reduce", "complete_leaving", "merge")  # fmt: skip
"""Actions that take something away: outlined in red, and asked for once more."""
APART = ("state", "home", "created_at", "updated_at", "reason", "parties")
"""Fields that the page shows elsewhere than among its facts."""
MOST_BUTTONS = 3


class Act(NamedTuple):
    """Something that may be done now."""

    name: str
    label: Pair
    operation: Operation
    url: str

    @property
    def is_harmful(self) -> bool:
        return self.name in HARMFUL


@dataclass(frozen=True)
class Thing:
    """One thing as its page shows it."""

    area: Area
    key: str
    answer: Answer = field(repr=False)

    @property
    def document(self) -> Mapping[str, Any]:
        """What the API says of it."""
        found: Mapping[str, Any] = self.answer.body
        return found

    @cached_property
    def values(self) -> Values:
        files = self.area.api(self.key, path=self.area.files) if self.area.files else ""
        return Values(self.document.get("names", {}), files)

    @property
    def shape(self) -> Shape:
        """What its fields are called."""
        showing = self.area.showing
        if showing is None or showing.answer is None:
            raise LookupError(self.area.name)
        return showing.answer

    @property
    def url(self) -> str:
        return f"/console/{self.area.name}/{self.key}"

    @property
    def called(self) -> Pair:
        return self.area.called(self.document)

    @property
    def etag(self) -> str:
        """For a change of just this version; '' where it has none."""
        return self.answer.etag or (f'"{self.document["etag"]}"' if self.document.get("etag") else "")

    @property
    def state(self) -> Any:
        """Its state as word, shape and colour; None where it has none."""
        shape = self.shape.field("state")
        value = self.document.get("state")
        return state(value, (shape.choices or {}).get(value)) if shape and value else None

    def acts(self) -> list[Act]:
        """What may be done, those that the area names first; the API has judged both state and rights."""
        allowed = self.document.get("allowed_actions", ())
        actions = self.shape.field("allowed_actions")
        labels = (actions.items.choices or {}) if actions and actions.items else {}
        order = {name: place for place, name in enumerate(self.area.primary)}
        found = [
            Act(name, labels.get(name, self.area.acting[name].title), self.area.acting[name], f"{self.url}/do/{name}")
            for name in allowed
            if name in self.area.acting
        ]
        return sorted(found, key=lambda one: (order.get(one.name, len(order)), one.is_harmful))

    def facts(self) -> Iterator[tuple[Shape, Any]]:
        """Fields with a value that fit into a line or two."""
        for shape in self.shape.shown():
            value = self.document.get(shape.name)
            if not is_empty(value) and shape.name not in (*APART, *self.area.hides) and not _is_table(shape):
                yield shape, value

    def tables(self) -> Iterator[tuple[Shape, Any]]:
        """Lists of objects, each a panel of its own."""
        for shape in self.shape.shown():
            value = self.document.get(shape.name)
            if _is_table(shape) and not is_empty(value):
                yield shape, value


def _is_table(shape: Shape) -> bool:
    return (shape.type == "list" and shape.items is not None and shape.items.type == "object") or shape.type == "object"


def thing(api: Api, area: Area, *, key: str) -> Thing:
    """Asks the API for it; raises what it refuses, and LookupError where the address does not fit."""
    return Thing(area, key, api.get(area.api(key)))


def parent_of(api: Api, found: Thing) -> Thing | None:
    """The thing that this one is a part of; None for one that stands by itself."""
    within = found.area.within
    return thing(api, AREAS[within], key=found.key.split("/", maxsplit=1)[0]) if within else None


@dataclass(frozen=True)
class Tab:
    """A part of a thing's page with an address of its own."""

    name: str
    title: Pair
    count: int | None = None


OVERVIEW = Tab("", Pair("概览", "Overview"))
TIMELINE = Pair("日志", "Timeline")
DELIVERY = Pair("送达", "Delivery")


def tabs_of(found: Thing, *, may: Any) -> list[Tab]:
    """Overview, the parts that the area names, timeline and delivery, as far as the reader may see them."""
    made = [OVERVIEW]
    for name in found.area.tabs:
        part = AREAS[name]
        if may(part.listing.scope):
            made.append(Tab(name, part.title_pair))
    for name, title in (("timeline", TIMELINE), ("delivery", DELIVERY)):
        operation = history_of(found.area, name)
        if operation is not None and may(operation.scope):
            made.append(Tab(name, title))
    return made


def history_of(area: Area, name: str) -> Operation | None:
    """The operation that shows timeline or delivery of one of the area's things; None where it has none."""
    return description().get("GET", f"{area.one}/{name}")


def delivery_of(api: Api, found: Thing) -> Mapping[str, Any] | None:
    """How far each party has come with it; None where nobody else has it, or the reader may not see it."""
    if history_of(found.area, "delivery") is None:
        return None
    try:
        body: Mapping[str, Any] = api.get(f"{found.area.api(found.key)}/delivery").body
    except RefusedByApiError:
        return None
    return body
