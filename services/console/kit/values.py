"""Values as people read them: names instead of ids, labels instead of codes, days and moments in Beijing time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from markupsafe import Markup, escape

from services.console.calling.description import description
from services.console.calling.shapes import Shape
from services.console.kit import times
from services.console.kit.areas import AREAS, Area, area_of, kind_said
from services.console.kit.documents import as_any, scopes_said, title_of
from services.console.kit.quantities import grouped, per_cent
from services.console.kit.states import state
from shared.core.words import Pair
from shared.pages.languages import named, t
from shared.pages.places import place, placed
from shared.reference import divisions, trades

NOTHING = Markup('<span class="soft" aria-label="{}">–</span>')
LONGEST_CELL = 80
LEAST_GROUPED = 10_000
BEGINNINGS = ("from", "since", "valid_from")
"""Moments from which on something holds: midnight is said by its day. An end is not: that day is no part of it."""
MACHINERY = ("cell",)
"""Columns that tell nothing to those who read them: where data lie."""
TRADES = ("sectors", "sector", "product_classes", "class")
"""Fields that hold codes of GB/T 4754, some of them among other text."""
YES_AND_NO = {"true": Pair("是", "yes"), "false": Pair("否", "no")}
ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass(frozen=True)
class Values:
    """Shows what an answer holds; `names` are what the answer calls the ids in it."""

    names: Mapping[str, Any] = field(default_factory=dict)
    files: str = ""
    """Where the files that it cites are given to anybody; '' where only those who hold them read them."""
    service: str = ""
    """Whose words say what is in JSON that the API does not describe."""

    def shown(self, shape: Shape, value: Any) -> Markup:
        """One value."""
        if is_empty(value):
            return NOTHING.format(t("无", "none"))
        if shape.is_secret:
            return Markup("••••••")
        if shape.unit == "ratio":
            return Markup('<span class="num">{} %</span>').format(per_cent(value))
        # What an event calls so may be told in another form than the thing's own field.
        is_told_otherwise = isinstance(value, str) and shape.type in ("list", "object", "map")
        show = plain_text if is_told_otherwise else SHOWN.get(shape.type, plain_text)
        shown = show(self, shape, value=value)
        return Markup("{} {}").format(grouped(str(value)) or shown, shape.unit) if shape.unit else shown

    def cell(self, shape: Shape, value: Any) -> Markup:
        """The same in a table, where there is little room: tenants by their sign, long texts cut."""
        if shape.type == "list" and shape.items is not None and isinstance(value, list) and value:
            inner = shape.items
            tenants = [one.get("tenant") for one in value] if inner.field("tenant") else value
            if inner.reference == "tenant" or inner.field("tenant"):
                return Markup(" ").join(self._sign(str(one)) for one in tenants)
            if inner.type == "object":
                return escape(str(len(value)))
            if shape.name == "scopes":
                return scopes_said(value)
        if shape.name == "updated_at" and value:
            return times.moment(str(value))
        if shape.type == "text" and isinstance(value, str) and len(value) > LONGEST_CELL:
            return Markup('<span title="{}">{}…</span>').format(value, value[:LONGEST_CELL])
        return self.shown(shape, value)

    def name(self, key: str) -> str:
        """What the answer calls this id; the id itself where nothing is known."""
        found = self.names.get(key)
        return named(found["zh"], found["en"]) if found else key

    def place(self, key: str) -> Markup:
        """The sign of a tenant."""
        return place(self.names.get(key))

    def _sign(self, key: str) -> Markup:
        return Markup('{}<span class="sr">{}</span>').format(self.place(key), self.name(key))


def short_hash(text: str) -> str:
    """Its beginning and end, for people to compare."""
    plain = text.removeprefix("sha256:")
    return f"{plain[:4]} {plain[4:8]} … {plain[-4:]}"


def is_empty(value: Any) -> bool:
    """Whether there is nothing to be shown, also of an object that holds nothing."""
    return all(map(is_empty, value.values())) if isinstance(value, dict) else value in (None, "", [])


def plain_text(_values: Values, _shape: Shape, *, value: Any) -> Markup:
    return escape(str(value)) if not isinstance(value, dict | list) else escape(json.dumps(value, ensure_ascii=False))


def as_text(values: Values, shape: Shape, *, value: Any) -> Markup:
    if shape.name.endswith("_kind") and (said := kind_said(str(value))):
        return escape(said)
    if shape.name.endswith("state") and value in description().labels:
        return state(str(value), description().labels[value])
    if shape.name.endswith("_hash"):
        return Markup('<span class="hash" title="{}">{}</span>').format(value, short_hash(str(value)))
    if shape.name in ("location", "division") or shape.identifier == "division_code":
        division = divisions.get(str(value))
        return Markup("{} <code>{}</code>").format(division.name_zh, value) if division else escape(str(value))
    if shape.name in TRADES:
        return trade(str(value))
    # A text that may be an id, as the audit log has them.
    return as_reference(values, shape, value=value) if value in values.names else plain_text(values, shape, value=value)


def as_lines(_values: Values, _shape: Shape, *, value: Any) -> Markup:
    return Markup('<span class="lines">{}</span>').format(value)


def as_flag(_values: Values, shape: Shape, *, value: Any) -> Markup:
    said = (shape.choices or YES_AND_NO)["true" if value else "false"]
    return escape(t(said.zh, said.en))


def as_number(_values: Values, _shape: Shape, *, value: Any) -> Markup:
    # Years and other short numbers are not grouped.
    text = f"{value:,}" if isinstance(value, int | float) and abs(value) >= LEAST_GROUPED else str(value)
    return Markup('<span class="num">{}</span>').format(text)


def as_choice(_values: Values, shape: Shape, *, value: Any) -> Markup:
    label = (shape.choices or {}).get(value)
    if shape.name == "state" or shape.name.endswith("_state"):
        return state(str(value), label)
    return escape(t(label.zh, label.en) if label else str(value))


def as_reference(values: Values, shape: Shape, *, value: Any) -> Markup:
    known = values.names.get(str(value))
    if known is None:
        # What is no id is what somebody wrote for it.
        return (
            Markup('<span class="hash">{}</span>').format(str(value)[:13])
            if ID.fullmatch(str(value))
            else escape(value)
        )
    if known["kind"] == "tenant":
        return placed(known)
    if shape.name == "client_id":
        return Markup("<code>{}</code>").format(value)
    there = area_of(known["kind"])
    said = named(known["zh"], known["en"])
    code = Markup(" <code>{}</code>").format(known["code"]) if (known.get("code") or said) not in said else ""
    # What is called by its kind alone is nothing that this reader may see: no link leads there.
    is_unseen = there is not None and not known.get("code") and known["zh"] == there.title_pair.zh
    url = "" if there is None or is_unseen else there.url(named_row(there, str(value), known=known))
    if not url:
        return Markup("{}{}").format(said, code)
    return Markup('<a href="{}">{}</a>{}').format(url, said, code)


def named_row(area: Area, key: str, *, known: Mapping[str, Any]) -> dict[str, Any]:
    """What the address of a thing's page is made of, as far as its name tells: a part's begins with the whole."""
    whole = {AREAS[area.within].kind: known.get("within")} if area.within else {}
    return {area.address[-1]: known.get("code"), "id": key, **whole}


def as_file(values: Values, _shape: Shape, *, value: Any) -> Markup:
    if not isinstance(value, dict):
        return Markup('<span class="hash">{}</span>').format(value)
    size = f"{(value.get('size') or 0) / 1000:,.0f} KB"
    name = value.get("name") or "file"
    there = f"{values.files}/{value['sha256']}" if values.files else f"/console/files/{value['sha256']}/{name}"
    return Markup('<a href="{}" download="{}">{}</a> <span class="soft">{}</span>').format(there, name, name, size)


def as_list(values: Values, shape: Shape, *, value: Sequence[Any]) -> Markup:
    inner = shape.items
    if inner is None:
        return plain_text(values, shape, value=value)
    if inner.type == "object" and all(isinstance(one, dict) for one in value):
        return as_table(values, inner, rows=value)
    if inner.type == "object":
        # What an event names alone is called by the thing, if it says so.
        return escape(t("、", ", ")).join(values.name(str(one)) for one in value)
    if shape.name in TRADES:
        return escape(t("、", ", ")).join(trade(str(one)) for one in value)
    if inner.type in ("file", "object"):
        return Markup("<ul class='plain'>{}</ul>").format(
            Markup("").join(Markup("<li>{}</li>").format(values.shown(inner, one)) for one in value)
        )
    return escape(t("、", ", ")).join(values.shown(inner, one) for one in value)


def trade(code: str) -> Markup:
    """A code of GB/T 4754 with what it is called; other text as it is."""
    known = trades.called(code)
    return escape(t(known.zh, known.en) if known else code)


def as_table(values: Values, inner: Shape, *, rows: Sequence[Any]) -> Markup:
    shown = (one for one in inner.shown() if one.name not in MACHINERY)
    fields = [one for one in shown if not all(is_empty(row.get(one.name)) for row in rows)]
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(t(one.title.zh, one.title.en)) for one in fields)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup('<td data-name="{}">{}</td>').format(
                    t(one.title.zh, one.title.en), values.shown(one, row.get(one.name))
                )
                for one in fields
            )
        )
        for row in rows
    )
    caption = Markup('<caption class="sr">{}</caption>').format(t(inner.title.zh, inner.title.en) or "–")
    table = Markup('<table class="list cards-small">{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table>')
    label = t(inner.title.zh, inner.title.en) or t("各项", "Items")
    region = Markup('<div class="scroll" role="region" aria-label="{}" tabindex="0">{}</div>')
    return region.format(label, table.format(caption, head, body))


def as_object(values: Values, shape: Shape, *, value: Mapping[str, Any]) -> Markup:
    if value.keys() == {"zh", "en"}:
        return escape(t(value["zh"], value["en"]))
    pairs = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(
            t(one.title.zh, one.title.en), values.shown(one, value.get(one.name))
        )
        for one in shape.shown()
        if not is_empty(value.get(one.name))
    )
    return Markup('<dl class="facts">{}</dl>').format(pairs)


def as_map(values: Values, shape: Shape, *, value: Mapping[str, Any]) -> Markup:
    inner = shape.items
    pairs = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(
            title_of(values, str(key)), values.shown(inner, one) if inner else str(one)
        )
        for key, one in value.items()
    )
    return Markup('<dl class="facts pairs">{}</dl>').format(pairs)


class Showing(Protocol):
    """Shows a value of one type."""

    def __call__(self, values: Values, shape: Shape, /, *, value: Any) -> Markup: ...


SHOWN: Mapping[str, Showing] = {
    "text": as_text,
    "lines": as_lines,
    "number": as_number,
    "whole": as_number,
    "flag": as_flag,
    "date": lambda _values, _shape, *, value: times.day(str(value)),
    "moment": lambda _values, shape, *, value: times.exact(str(value), begins=shape.name in BEGINNINGS),
    "choice": as_choice,
    "reference": as_reference,
    "file": as_file,
    "any": as_any,
    "list": as_list,
    "object": as_object,
    "map": as_map,
}
