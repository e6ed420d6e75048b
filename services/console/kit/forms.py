"""Forms: made of what the API says of a draft; a field is called by its place in the document, as faults are.

`/parties/0/tenant` names the field, is its id on the page, and is what a fault of the API points to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.console.calling.shapes import Shape
from services.console.kit.quantities import decimal_of, per_cent
from services.console.kit.reading import read
from shared.pages.asking import Api, Fault, pages_of
from shared.pages.languages import named, t

MOST_OPTIONS = 500
MOST_GROUPS = 200
FEW = 12
"""So many tenants stand as boxes to tick; more are chosen from a list."""
UPLOAD = "upload:"


@dataclass
class Form:
    """What a form is made of, what was typed, and what is wrong with it."""

    shape: Shape
    api: Api = field(repr=False)
    values: dict[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    order: Sequence[str] = ()
    hides: Sequence[str] = ()
    """Fields that people cannot fill in; the API takes them from machines."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """What a mapping by tenant asks for: ids and names."""
    special: Mapping[str, str] = field(default_factory=dict)
    """Templates that show a field otherwise than the kit does, by its place."""

    @property
    def fields(self) -> list[Shape]:
        """Those of the whole form, in the order that the area names."""
        place = {name: at for at, name in enumerate(self.order)}
        shown = (one for one in self.shape.shown() if one.required or one.name not in self.hides)
        return sorted(shown, key=lambda one: place.get(one.name, len(place)))

    def at(self, pointer: str) -> Shape:
        """What a list at this place holds; raises LookupError where there is none."""
        shape: Shape | None = self.shape
        for name in pointer.removeprefix("/").split("/"):
            shape = shape.field(name) if shape else None
        if shape is None or shape.items is None:
            raise LookupError(pointer)
        return shape.items

    def value(self, pointer: str) -> str:
        """What was typed there."""
        return self.values.get(pointer, "")

    def is_set(self, pointer: str) -> bool:
        """Whether a box is ticked."""
        return self.values.get(pointer, "") not in ("", "false")

    def groups(self, pointer: str) -> list[int]:
        """The numbers of the groups of a list that stand on the form."""
        found = (re.match(re.escape(pointer) + r"/(\d{1,4})(?:/|$)", name) for name in self.values)
        return sorted({int(one[1]) for one in found if one and int(one[1]) < MOST_GROUPS})

    def faults_at(self, pointer: str, *, within: bool = False) -> list[str]:
        """What is wrong at this place; with `within` also in a line of it, where all lines are one field."""
        found = [t(one.zh, one.en) for one in self.faults if one.pointer == pointer]
        for one in self.faults if within else ():
            number = one.pointer.removeprefix(f"{pointer}/")
            if number.isdecimal() and one.pointer != pointer:
                found.append(t(f"第 {int(number) + 1} 行:{one.zh}", f"Line {int(number) + 1}: {one.en}"))
        return found

    def called(self, pointer: str, *, within: str = "") -> str:
        """What stands at a place, by the titles of the fields that lead there from `within`; '' for the whole form."""
        shape: Shape | None = self.shape
        said: list[str] = []
        for at, part in enumerate(pointer.split("/")[1:], 1):
            key = unescaped(part)
            if shape is not None and shape.type == "list" and said:
                said[-1] += f" {int(part) + 1}" if part.isdecimal() else ""
            elif shape is not None and shape.type == "map":
                said.append(self.keys.get(key, key))
            elif found := shape and shape.field(key):
                said.append(t(found.title.zh, found.title.en))
            is_inside = pointer.startswith(f"{within}/") and at <= within.count("/")
            said = [] if is_inside else said
            shape = shape and (shape.field(key) or shape.items)
        return " · ".join(said)

    def escaped(self, key: str) -> str:
        """A key as a part of a pointer."""
        return escaped(key)

    def anchor(self, pointer: str) -> str:
        """Where the summary of faults leads for a place: the nearest field that stands on the form."""
        known = {name.removeprefix(UPLOAD) for name in self.values} | {f"/{one.name}" for one in self.shape.fields}
        while pointer and pointer not in known:
            pointer = pointer.rpartition("/")[0]
        return pointer

    @cached_property
    def tenants(self) -> list[tuple[str, str]]:
        """Ids and names of all jurisdictions."""
        return tenants_listed(self.api)

    def document(self) -> dict[str, Any]:
        """What was typed, as the API takes it; what is empty is left out."""
        found = self._object(self.shape, "")
        return found if found is not None else {}

    def _object(self, shape: Shape, pointer: str) -> dict[str, Any] | None:
        made = {}
        for one in shape.fields:
            value = self._read(one, f"{pointer}/{one.name}")
            if value is not None:
                made[one.name] = value
        return made or None

    def _read(self, shape: Shape, pointer: str) -> Any:
        composed = {"object": self._object, "list": self._list, "map": self._map, "file": self._file}
        if shape.type in composed:
            return composed[shape.type](shape, pointer)
        if shape.type == "flag":
            return self.is_set(pointer)
        text = self.value(pointer)
        return read(shape, text) if text.strip() else None

    def _map(self, shape: Shape, pointer: str) -> dict[str, Any] | None:
        inner = shape.items
        if inner is None:
            return None
        found = {key: self.value(f"{pointer}/{escaped(key)}") for key in self.keys_at(pointer)}
        return {key: _ratio(text) if inner.unit == "ratio" else read(inner, text)
                for key, text in found.items() if text.strip()} or None  # fmt: skip

    def keys_at(self, pointer: str) -> list[str]:
        """The keys of a map that stand on the form: those that were asked for, typed, or that a fault names."""
        begin = f"{pointer}/"
        known = [*self.values, *(one.pointer for one in self.faults)]
        named = (unescaped(one.removeprefix(begin)) for one in known if one.startswith(begin))
        return list(dict.fromkeys([*(self.keys or ()), *named]))

    def _list(self, shape: Shape, pointer: str) -> list[Any] | None:
        inner = shape.items
        if inner is None:
            return None
        if is_grouped(inner):
            found = [self._read(inner, f"{pointer}/{number}") for number in self.groups(pointer)]
        elif inner.type == "choice" or inner.reference == "tenant":
            begin = f"{pointer}/"
            found = [key.removeprefix(begin) for key in self.values if key.startswith(begin) and self.is_set(key)]
        else:
            lines = [line.strip() for line in self.value(pointer).splitlines()]
            found = [read(inner, line) if line else line for line in lines]
        # A line in which nothing is typed, where a box that is not ticked says nothing, is none.
        typed = [one for one in found if one not in (None, "") and not (isinstance(one, dict) and is_untouched(one))]
        return typed or ([] if shape.required else None)

    def _file(self, _shape: Shape, pointer: str) -> dict[str, Any] | None:
        given = {name: self.value(f"{pointer}/{name}") for name in ("sha256", "name", "media_type", "size")}
        size = given["size"]
        return {**given, "size": int(size) if size.isdecimal() else size} if given["sha256"] else None


def is_untouched(typed: Mapping[str, Any]) -> bool:
    """Whether a line holds nothing but boxes that are not ticked."""
    return all(value is False for value in typed.values())


def is_grouped(inner: Shape) -> bool:
    """Whether each item of such a list has fields of its own on the form; the others are lines or boxes of one."""
    return inner.type in ("object", "file") or (inner.type == "reference" and inner.reference != "tenant")


def escaped(key: str) -> str:
    """A key as a part of a pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def unescaped(part: str) -> str:
    """The inverse."""
    return part.replace("~1", "/").replace("~0", "~")


def _ratio(text: str) -> str:
    """Per cent as parts of one; what is none keeps its sign, so that it is refused and never read as parts of one."""
    number = decimal_of(text)
    return f"{text} %" if number is None else f"{number / 100:f}"


def flat(shape: Shape, document: Any, *, pointer: str = "", names: Mapping[str, Any] | None = None) -> dict[str, str]:
    """A document as the fields of its form hold it; things are called by their names."""
    return dict(_flat(shape, document, pointer=pointer, names=names or {}))


def _flat(shape: Shape, value: Any, *, pointer: str, names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if shape.type in ("object", "file"):
        for one in shape.fields:
            yield from _flat(one, value.get(one.name), pointer=f"{pointer}/{one.name}", names=names)
    elif shape.type == "map":
        is_ratio = shape.items is not None and shape.items.unit == "ratio"
        said = {key: per_cent(one) if is_ratio else str(one) for key, one in value.items()}
        yield from ((f"{pointer}/{escaped(key)}", text) for key, text in said.items())
    elif shape.type == "list" and shape.items is not None:
        yield from _flat_list(shape.items, value, pointer=pointer, names=names)
    else:
        yield pointer, _named(shape, value, names=names)


def _flat_list(
    inner: Shape, value: Sequence[Any], *, pointer: str, names: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    if is_grouped(inner):
        for number, one in enumerate(value):
            yield from _flat(inner, one, pointer=f"{pointer}/{number}", names=names)
    elif inner.type == "choice" or inner.reference == "tenant":
        # Where a thing says more of each tenant than a draft asks for, it is the tenant that is meant.
        told = (one["tenant"] if isinstance(one, dict) else one for one in value)
        yield from ((f"{pointer}/{one}", "true") for one in told)
    else:
        yield pointer, "\n".join(_named(inner, one, names=names) for one in value)


def _named(shape: Shape, value: Any, *, names: Mapping[str, Any]) -> str:
    """A thing by its name or number, by which it is found again; tenants by their id, which their list has."""
    if shape.type == "flag":
        return "true" if value else "false"
    known = names.get(str(value)) if shape.type == "reference" and shape.reference != "tenant" else None
    return str(value) if known is None else said_of(known["zh"], known.get("code"), key=str(value))


def said_of(name: str, code: str | None, *, key: str) -> str:
    """How a thing is written into a field: its name, and what tells it from others of that name."""
    return name if name == code else f"{name} [{code or key[:8]}]"


def one_of(title: str) -> str:
    """What one of several is called in English: a party, of Parties."""
    if title.endswith("ies"):
        return f"{title[:-3]}y"
    if title.endswith("sses"):
        return title[:-2]
    return title if title.endswith(("ss", "laces")) else title.removesuffix("s")


def differences(form: Form, now: Mapping[str, str]) -> list[tuple[Shape, str, str]]:
    """Where what stands in the API now differs from what was typed: each field with both texts."""
    found, called = [], dict(form.tenants)
    for shape in form.fields:
        begin = f"/{shape.name}"
        names = [one for one in {**now, **form.values} if one == begin or one.startswith(f"{begin}/")]
        texts = [(now.get(one, ""), form.value(one)) for one in names]
        if any(before != after for before, after in texts):
            found.append(
                (
                    shape,
                    "; ".join(called.get(one, one) for one, _ in texts if one),
                    "; ".join(called.get(one, one) for _, one in texts if one),
                )
            )
    return found


def tenants_listed(api: Api) -> list[tuple[str, str]]:
    """Ids and names of all jurisdictions, to choose from."""
    rows = pages_of(api, "/v1/tenants", most=MOST_OPTIONS)
    return [(row["id"], named(row["name_zh"], row.get("name_en") or row["name_zh"])) for row in rows]
