"""Things: what one of them says, what may be done to it, who has it, whose turn it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from services.console.calling.description import Operation, description
from services.console.calling.shapes import Shape
from services.console.kit.areas import AREAS, Area, action_labels
from services.console.kit.choices import with_choices
from services.console.kit.states import state
from services.console.kit.values import Values, is_empty
from shared.core.words import Pair
from shared.pages.asking import Answer, Api, RefusedByApiError, pages_of

HARMFUL = ("suspend", "revoke", "withdraw", "dissolve", "refuse", "close", "end", "remove", "abandon", "deactivate",
           "erase", "lock", "leave", "disqualify", "conceal", "reduce", "complete_leaving", "merge",
           "withdraw_role", "cancel")  # fmt: skip
"""Actions that take something away: outlined in red, and asked for once more."""
APART = ("state", "home", "created_at", "updated_at", "reason", "parties", "content_hash")
"""Fields that the page shows elsewhere than among its facts."""
MOST_PARTS = 500
"""So many parts of a thing are looked through for the one that something is to be done to."""
May = Callable[[str], bool]
"""Whether the reader holds a scope."""


class Act(NamedTuple):
    """Something that may be done now."""

    name: str
    label: Pair
    operation: Operation
    url: str

    @property
    def is_harmful(self) -> bool:
        return self.name in HARMFUL


FOUND, NOT_SET = 200, 404


@dataclass(frozen=True)
class Thing:
    """One thing as its page shows it."""

    area: Area
    key: str
    answer: Answer = field(repr=False)
    version: str = field(default="", kw_only=True)
    """What stood last in its timeline before it was read; '' where nobody asked or none is kept."""

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
        showing = self.area.showing or self.area.listing
        if showing.answer is None:
            raise LookupError(self.area.name)
        return with_choices(self.area, showing.answer)

    @property
    def place(self) -> str:
        """What the addresses of its forms begin with."""
        return "/".join(filter(None, ("/console", self.area.name, self.key)))

    @property
    def url(self) -> str:
        """Its page; of a part that has none, the list that it stands in."""
        if self.area.showing is None and self.area.within:
            return f"/console/{self.area.within}/{self.key.split('/', maxsplit=1)[0]}?tab={self.area.name}"
        return self.place

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

    def acts(self, may: May) -> list[Act]:
        """What may be done, those that the area names first.

        The API has judged both state and rights; what it does not speak of goes by the reader's scopes.
        """
        actions, known = self.shape.field("allowed_actions"), self.area.acting
        labels = action_labels(self.shape)
        told = self.document.get("allowed_actions", ())
        is_open = bool(told) if actions else not (self.area.over and self.document.get(self.area.over))
        untold = [name for name in known if not actions or name in self.area.adding] if is_open else []
        allowed = [name for name in told if name in known]
        allowed += [name for name in untold if name not in allowed and may(known[name].scope)]
        given = [one.partition("@") for one in self.area.primary]
        now = self.document.get("state")
        order = {name: place for place, (name, _at, state) in enumerate(given) if state in ("", now)}
        found = [Act(one, labels.get(one, known[one].title), known[one], f"{self.place}/do/{one}") for one in allowed]
        return sorted(found, key=lambda one: (order.get(one.name, len(order)), one.is_harmful))

    def facts(self) -> Iterator[tuple[Shape, Any]]:
        """Fields with a value that fit into a line or two."""
        for shape in self.shape.shown():
            value = self.document.get(shape.name)
            is_said = not is_empty(value) and (value is not False or shape.name not in self.area.quiet)
            if is_said and shape.name not in (*APART, *self.area.hides) and not _is_table(shape):
                yield shape, value

    def tables(self) -> Iterator[tuple[Shape, Any]]:
        """Lists of objects, each a panel of its own."""
        for shape in self.shape.shown():
            value = self.document.get(shape.name)
            if _is_table(shape) and not is_empty(value) and shape.name not in self.area.hides:
                yield shape, value


@dataclass(frozen=True)
class Panel(Thing):
    """Something else that the API says of a thing."""

    operation: Operation

    @property
    def shape(self) -> Shape:
        """What its fields are called."""
        if self.operation.answer is None:
            raise LookupError(self.operation.id)
        return self.operation.answer


def _is_table(shape: Shape) -> bool:
    return (shape.type == "list" and shape.items is not None and shape.items.type == "object") or shape.type == "object"


def thing(api: Api, area: Area, *, key: str) -> Thing:
    """Asks the API for it; raises what it refuses, and LookupError where the address does not fit."""
    if area.showing is not None:
        try:
            return Thing(area, key, api.get(area.api(key)))
        except RefusedByApiError as error:
            if error.status != NOT_SET or not area.is_single:
                raise
    if area.is_single:
        return Thing(area, "", Answer(NOT_SET, {}, {}))
    # A part without a page of its own is a row of its list.
    above = "/".join(key.split("/")[: area.path.count("{")])
    rows = pages_of(api, area.api(above, path=area.path), most=MOST_PARTS)
    for row in rows:
        if area.key(row) == key:
            return Thing(area, key, Answer(FOUND, row, {}))
    raise LookupError(key)


def parent_of(api: Api, found: Thing) -> Thing | None:
    """The thing that this one is a part of; None for one that stands by itself."""
    within = found.area.within
    return thing(api, AREAS[within], key=found.key.split("/", maxsplit=1)[0]) if within else None


def tenants_in(found: Thing) -> dict[str, str]:
    """The jurisdictions that take part in it, with their names: its parties, or those who sign it."""
    document = found.document
    rows = [*document.get("parties", ()), *document.get("signatures", ()), *document.get("missing_signatures", ())]
    ids = [str(one["tenant"] if isinstance(one, Mapping) else one) for one in rows]
    return {key: found.values.name(key) for key in ids}


@dataclass(frozen=True)
class Tab:
    """A part of a thing's page with an address of its own."""

    name: str
    title: Pair
    count: int | None = None


OVERVIEW = Tab("", Pair("概览", "Overview"))
TIMELINE = Pair("日志", "Timeline")
DELIVERY = Pair("送达", "Delivery")


def tabs_of(found: Thing, *, may: May) -> list[Tab]:
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


def panels_of(api: Api, found: Thing, *, may: May) -> list[tuple[Operation, Thing]]:
    """What else the API says of it, as far as the reader may see that; of some things it says nothing more."""
    said = (description().get("GET", path) for path in found.area.panels)
    panels: list[tuple[Operation, Thing]] = []
    for one in said:
        if one is None or not may(one.scope):
            continue
        try:
            answer = api.get(found.area.api(found.key, path=one.path))
        except RefusedByApiError as error:
            if error.status != NOT_SET:
                raise
        else:
            panels.append((one, Panel(found.area, found.key, answer, one)))
    return panels


def pick_of(found: Thing, name: str, *, place: Shape) -> Shape:
    """The field that asks which of the values in a field of the thing is meant, called as the address calls it."""
    whole = found.shape.field(name)
    labels = (whole.items.choices if whole and whole.items else None) or {}
    values = found.document.get(name) or ()
    return replace(
        place, type="choice", required=True, choices={one: labels.get(one, Pair(one, one)) for one in values}
    )
