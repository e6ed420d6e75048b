"""Areas: what the console shows of one resource, said in a few lines where the API's description does not say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote

from services.console.calling.description import Operation, description
from services.console.calling.shapes import TECHNICAL, Shape
from services.console.calling.visits import Visitor, visitor
from services.console.kit.entries import GROUPS, Group
from services.console.kit.variants import Variant
from shared.core.words import Pair
from shared.pages.languages import named, t

LONGEST_NAME = 80


@dataclass(frozen=True, kw_only=True)
class Area:
    """One resource as people see it; whatever is left out follows from the API's own description."""

    name: str
    """In addresses: `/console/<name>`."""
    path: str
    """Where the API lists its things."""
    title: str
    """`中文 / English`, of the list."""
    icon: str = "file-text"
    group: Group = "records"
    kind: str = ""
    """What references to one of its things are called."""
    item: str = ""
    """Where the API shows one, if that is not below `path`."""
    address: tuple[str, ...] = ("id",)
    """The fields of a thing that its address is made of."""
    within: str = ""
    """The area of the things that this is a part of; it is no entry of the menu then."""
    go: str = ""
    """The letter after `g` that leads here."""
    heading: tuple[str, ...] = ("name_zh", "name_en")
    """The fields that call one of its things, in Chinese and in English."""
    called_as: str = ""
    """`中文 {} / English {}`, where the first of them is a number."""
    columns: tuple[str, ...] = ()
    """Those of the list that are shown first."""
    filters: tuple[str, ...] = ()
    """Those that stand on the bar; the others are below 更多条件."""
    fields: tuple[str, ...] = ()
    """The order of a form's fields."""
    ours: tuple[str, ...] = ()
    """Lists of tenants, in the form of a new one, that begin with the reader's own, since it has to be among them."""
    primary: tuple[str, ...] = ()
    """Actions in the order of their buttons; the first that is allowed is the button that stands out.

    `action@state` comes so early in that state alone.
    """
    looked_at: tuple[str, ...] = ()
    """Actions above whose button the whole thing stands, as on its own page; above a signature it always does."""
    hides: tuple[str, ...] = ()
    """Fields that its page does not list, since it says them otherwise, and those of forms that nobody can fill in."""
    tabs: tuple[str, ...] = ()
    """Areas whose lists are parts of one thing."""
    waiting: Mapping[str, str] = field(default_factory=dict)
    """Those of them that wait for somebody: the state in which they do, by area."""
    picks: Mapping[str, str] = field(default_factory=dict)
    """Actions on one of the values that a field holds: the field, by action."""
    follows: Mapping[str, str] = field(default_factory=dict)
    """Actions whose form begins with what the newest part of the thing says: the area of the parts, by action."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Fields with values from another list of the API, by name: its address, or `scopes`."""
    offers: Mapping[str, str] = field(default_factory=dict)
    """The same of forms, where less can be chosen than there is."""
    chosen: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Pair]]] = field(default_factory=dict)
    """The same of forms about one thing, where it is the thing that says what can be chosen: from its document."""
    variants: Mapping[str, Variant] = field(default_factory=dict)
    """Where the API takes one or the other to make a thing: a form for each, by its address's end, the first by ''."""
    downloads: tuple[str, ...] = ()
    """Addresses of files that the API makes of the list, or of one thing."""
    panels: tuple[str, ...] = ()
    """Addresses of what else the API says of one thing."""
    flags: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """How yes and no of a field are said, `中文 / English`, where that tells more."""
    quiet: tuple[str, ...] = ()
    """Flags that are said only where they are true."""
    over: str = ""
    """The field that, once it holds something, says that nothing may be done to a thing any more."""
    special: Mapping[str, str] = field(default_factory=dict)
    """Templates for fields that its forms show otherwise than the kit does, by the field's place."""
    template: str = ""
    """What its page shows before the facts, if it has something of its own."""
    inline: tuple[str, ...] = ()
    """Actions whose form stands on the page itself, so that no button leads there."""
    number: str = ""
    """The field with a number for life, which stands beside the name."""
    aside: str = ""
    """What its page shows beside the facts, of its own."""
    shows: Callable[[Any, Any], Mapping[str, Any]] | None = None
    """What that template needs besides, as `own`: `function(api, thing)`."""
    files: str = ""
    """Where the API gives the files that one of its things cites to anybody."""
    nothing: str = "这里还没有内容 / There is nothing here yet"
    """`中文 / English`: that there is none."""
    empty: str = ""
    """`中文 / English`: what to do while there is none."""
    after: str = ""
    """The area of what must be there first."""
    about: str = ""
    """`中文 / English`: what it is for and who may change it, where there is one for the whole tenant."""
    order: int = 0
    """Of the menu's entries within their group."""

    @property
    def title_pair(self) -> Pair:
        return Pair.read(self.title)

    @property
    def head(self) -> Pair:
        """What stands over the names of its things in a list."""
        shape = self.listing.answer.field(self.heading[0]) if self.listing.answer else None
        is_plain = shape is None or shape.name in TECHNICAL or shape.name.endswith("_zh")
        return Pair("名称", "Name") if shape is None or is_plain else shape.title

    @property
    def whole(self) -> Area:
        """The area whose list leads to it: that of the things which this is a part of, or itself."""
        return AREAS[self.within] if self.within else self

    @property
    def listing(self) -> Operation:
        """The operation that lists its things, or shows the only one; raises LookupError where the API has none."""
        found = description().get("GET", self.path) or description().get("POST", self.path)
        if found is None:
            raise LookupError(self.path)
        return found

    @property
    def is_single(self) -> bool:
        """Whether there is one of it for the whole tenant, and no list."""
        return not self.listing.is_list

    @cached_property
    def one(self) -> str:
        """Where the API shows one, as its description writes it."""
        if self.item:
            return self.item
        known = description()
        inside = (one.path for one in known.operations.values() if one.method == "GET" and not one.is_list)
        rest = (path for path in inside if path.startswith(f"{self.path}/{{"))
        return min(rest, key=lambda path: (path.count("/"), len(path)), default=f"{self.path}/{{key}}")

    @property
    def showing(self) -> Operation | None:
        """The operation that shows one; None where there is only the list."""
        return description().get("GET", self.one)

    @property
    def creating(self) -> Operation | None:
        """The operation that makes one; None where the console makes none here, or only within another thing."""
        found = None if "{" in self.path or self.is_single else description().get("POST", self.path)
        return found if found is not None and found.draft is not None else None

    @property
    def adding(self) -> Mapping[str, Operation]:
        """What makes a part of one, or, where there is no list, what makes the only thing anew."""
        only = description().get("POST", self.path) if self.is_single else None
        return {only.id: only} if only else description().adding(self.one)

    @property
    def ways(self) -> Mapping[str, Operation]:
        """Other ways to make one, by the last part of their address; what has a list there is another resource."""
        known = description()
        made = {one.path.removeprefix(f"{self.path}/"): one for one in known.operations.values() if one.is_made}
        return {
            name: one
            for name, one in made.items()
            if one.draft is not None and one.path == f"{self.path}/{name}" and not set(name) & set("/{")
            if known.get("GET", one.path) is None
        }

    @property
    def acting(self) -> Mapping[str, Operation]:
        """What may be done to one."""
        known = description()
        found = {**known.acting(self.one), **self.adding}
        inside = [one for one in known.operations.values() if one.path.startswith(self.one)]
        deeper = [one for one in inside if len(one.places) == self.one.count("{") + 1]
        found |= {name: one for name in self.picks for one in deeper if name in one.actions}
        return found

    def label(self, action: str) -> Pair:
        """What an action is called, in as few words as the API has for it."""
        shape = (self.showing or self.listing).answer
        labels = {} if shape is None else action_labels(shape)
        return labels.get(action) or self.acting[action].title

    def downloadable(self, *, of_one: bool) -> list[Operation]:
        """What can be downloaded of one thing, or of the whole list."""
        found = (description().get("GET", path) for path in self.downloads)
        return [one for one in found if one is not None and one.path.startswith(f"{self.one}/") is of_one]

    def key(self, thing: Mapping[str, Any]) -> str:
        """What stands in the address of the page of one of its things; '' where that is not known."""
        parts = [str(thing.get(name) or "") for name in self.address]
        return "/".join(parts) if all(parts) else ""

    def url(self, thing: Mapping[str, Any]) -> str:
        """The page of one of its things; '' where its address is not known."""
        key = self.key(thing)
        return f"/console/{self.name}/{key}" if key and self.showing is not None else ""

    def api(self, key: str, *, path: str = "") -> str:
        """An address of the API with what stands in the page's address; raises LookupError where it does not fit."""
        path = path or self.one
        parts = key.split("/") if key else []
        if len(parts) == len(self.address) and path != self.path:
            # A part may be found by its own id alone.
            parts = parts[-path.count("{") or len(parts) :]
        for part in parts:
            before, brace, rest = path.partition("{")
            if not brace or part in ("", ".", ".."):
                raise LookupError(key)
            path = before + quote(part, safe="") + rest.partition("}")[2]
        if "{" in path:
            raise LookupError(key)
        return path

    def said(self, thing: Mapping[str, Any]) -> str:
        """What it is called in the reader's language."""
        called = self.called(thing)
        return named(called.zh, called.en)

    def called(self, thing: Mapping[str, Any]) -> Pair:
        """What one of its things is called, by its fields; a thing that these name by what that is called."""
        if self.is_single:
            return self.title_pair
        told = thing.get(self.heading[0])
        if isinstance(told, dict):
            zh, en = (told.get(name) or told.get(f"name_{name}") for name in ("zh", "en"))
            return Pair(str(zh), str(en or zh))
        given = [str(thing.get(name) or "") for name in self.heading]
        zh = given[0] or next((text for text in given if text), "–")
        known = thing.get("names", {}).get(zh, {})
        zh, en = known.get("zh", zh), known.get("en", (given[1] if len(given) > 1 else "") or zh)
        if self.called_as:
            return Pair(
                *(text.replace("{}", said) for text, said in zip(self.called_as.split(" / "), (zh, en), strict=True))
            )
        return Pair(shortened(zh), shortened(en))


def action_labels(shape: Shape) -> Mapping[str, Pair]:
    """What the API calls that which may be done to such a thing."""
    actions = shape.field("allowed_actions")
    return (actions.items.choices or {}) if actions and actions.items else {}


AREAS: dict[str, Area] = {}
"""By name, in the order in which they are declared."""


def shortened(text: str) -> str:
    """A name that fits into a heading."""
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"


def area(**given: Any) -> Area:
    """Declare one more."""
    made = Area(**given)
    if made.name in AREAS:
        raise ValueError(f"two areas are called {made.name}")
    AREAS[made.name] = made
    return made


def area_of(kind: str) -> Area | None:
    """Where the reader sees things of this kind; None where they see none."""
    who = visitor()
    fitting = (one for one in AREAS.values() if kind and one.kind == kind)
    return next((one for one in fitting if who is None or who.may(one.listing.scope)), None)


def kind_said(kind: str) -> str:
    """What a sort of thing, as `parks.park`, is called where many are; '' where the console has no page for it."""
    area = area_of(kind.rpartition(".")[2])
    return t(area.title_pair.zh, area.title_pair.en) if area else ""


def creatable(who: Visitor) -> list[Area]:
    """Areas in which somebody may make something new: shortcuts to their forms, those of their own work last."""
    groups = list(GROUPS)
    found = [
        one
        for one in AREAS.values()
        if "{" not in one.path and one.creating and who.may(one.listing.scope) and who.does(one.creating)
    ]
    return sorted(found, key=lambda one: (one.group == "work", groups.index(one.group), one.order))
