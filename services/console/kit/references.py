"""Names that people write into forms, and the ids that the API takes for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.console.calling.shapes import Shape
from services.console.kit.areas import area_of
from services.console.kit.lists import Asked
from services.console.kit.values import ID
from shared.pages.asking import Api, Fault
from shared.reference import naming

DIVISION = "division_code"
WRITTEN = re.compile(r"(?P<name>.*\S)\s*\[(?P<code>[^\[\]]+)\]\s*")


def resolved(api: Api, shape: Shape, *, document: Any, pointer: str = "") -> tuple[Any, list[Fault]]:
    """The document with ids where people wrote names; and what could not be found, or is several things."""
    faults: list[Fault] = []

    def walk(one: Shape, value: Any, *, place: str) -> Any:
        if value is None:
            return None
        if one.type == "object" and isinstance(value, dict):
            known = {inner.name: inner for inner in one.fields}
            return {
                name: walk(known[name], item, place=f"{place}/{name}") for name, item in value.items() if name in known
            }
        if one.type == "list" and one.items is not None and isinstance(value, list):
            return [walk(one.items, item, place=f"{place}/{at}") for at, item in enumerate(value)]
        if one.identifier == DIVISION and isinstance(value, str):
            written = WRITTEN.fullmatch(value)
            return written["code"] if written else naming.code_of(value.strip()) or value
        if one.type == "reference" and isinstance(value, str):
            return found_by_name(api, one.reference, text=value, place=place, faults=faults)
        return value

    return walk(shape, document, place=pointer), faults


def found_by_name(api: Api, kind: str, *, text: str, place: str, faults: list[Fault]) -> str:
    """The id of what somebody called so; where there is none, or several, the text, and one more fault."""
    if ID.fullmatch(text):
        return text
    area = area_of(kind)
    if kind == "tenant" or area is None or not area.listing.takes("q"):
        return text
    written = WRITTEN.fullmatch(text)
    name, code = (written["name"], written["code"]) if written else (text, "")
    rows = api.get(area.path, q=name, limit=20).body["items"]
    # Written as a field offers it, a thing is known by its number or by how its id begins.
    exact = [row for row in rows if (code or name) in _said(row) or (code and str(row.get("id")).startswith(code))]
    fitting = exact or ([] if code else rows)
    if len(fitting) == 1:
        return str(fitting[0]["id"])
    several = "、".join(area.called(row).zh for row in fitting[:5])
    zh = f"有多个符合“{text}”:{several}。请写全名或编号。" if fitting else f"没有找到“{text}”。请检查名称或编号。"
    en = f"Several fit '{text}': {several}. Write the whole name or the number." if fitting else (
        f"Nothing is called '{text}'. Check the name or number.")  # fmt: skip
    faults.append(Fault(place, zh, en))
    return text


def _said(row: Mapping[str, Any]) -> list[Any]:
    """Each text of a row, also where it has several, as a standard has numbers."""
    lists = (value for value in row.values() if isinstance(value, list))
    return [*row.values(), *(one for value in lists for one in value)]


def filter_resolved(api: Api, asked: Asked) -> Asked:
    """The list's address with ids where people wrote the names of things."""
    changed = {
        one.name: found_by_name(api, one.reference, text=asked.filters[one.name], place=f"/{one.name}", faults=[])
        for one in asked.area.listing.filters
        if one.type == "reference" and one.name in asked.filters and not ID.fullmatch(asked.filters[one.name])
    }
    return (
        asked if not changed else replace(asked, arguments={**asked.arguments, **{k: [v] for k, v in changed.items()}})
    )
