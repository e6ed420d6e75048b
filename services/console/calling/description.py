"""The API's own description, read once: which operations there are, what they take and show, who may use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

from flask import current_app

from services.console.calling.shapes import Reader, Shape, choices_of, pair_of
from shared.core.words import Pair
from shared.http.requests.gate import database
from shared.pages.asking import Api

JSON = "application/json"
MACHINERY = ("cursor", "limit", "sort", "updated_since", "format", "count")
"""Parameters that every list has: no filters."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that the API does."""

    id: str
    method: str
    path: str
    title: Pair
    text: Pair
    """What happens, and what may be refused."""
    scope: str
    by: str
    """Whose people alone may do it: of an `office`, or of an `organisation`; '' where both may."""
    headers: frozenset[str]
    actions: tuple[str, ...]
    once: tuple[str, ...]
    draft: Shape | None
    query: tuple[Shape, ...]
    places: tuple[Shape, ...]
    """What stands in the braces of its path."""
    answer: Shape | None
    """What one of the things looks like; of a list, one of its items."""
    is_list: bool
    is_made: bool
    """Whether it makes something new: 201."""

    @property
    def filters(self) -> tuple[Shape, ...]:
        """What a list may be narrowed by."""
        return tuple(one for one in self.query if one.name not in MACHINERY)

    @property
    def sorts(self) -> Mapping[str, Pair]:
        """The orders of a list, by what its query says."""
        return next((one.choices or {} for one in self.query if one.name == "sort"), {})

    def takes(self, name: str) -> bool:
        """Whether its query has this parameter."""
        return any(one.name == name for one in self.query)


@dataclass(frozen=True)
class Description:
    """All operations, by what they are called."""

    document: Mapping[str, Any] = field(repr=False)

    @cached_property
    def operations(self) -> dict[str, Operation]:
        found = {}
        for path, methods in self.document["paths"].items():
            for method, given in methods.items():
                found[given["operationId"]] = self._operation(method.upper(), path, given=given)
        return found

    @cached_property
    def by_address(self) -> dict[tuple[str, str], Operation]:
        """By method and path as the document writes it."""
        return {(one.method, one.path): one for one in self.operations.values()}

    def get(self, method: str, path: str) -> Operation | None:
        """None where the API has no such thing."""
        return self.by_address.get((method, path))

    def acting(self, item: str) -> dict[str, Operation]:
        """What may be done to one of the things at `item`, by what `allowed_actions` calls it."""
        found = {}
        for one in self.operations.values():
            rest = one.path.removeprefix(item)
            if one.path.startswith(item) and "{" not in rest:
                found.update(dict.fromkeys(one.actions, one))
        return found

    def adding(self, item: str) -> dict[str, Operation]:
        """What makes something new within one of the things at `item`, by the operation's name."""
        found = (one for one in self.operations.values() if one.method == "POST" and one.is_made and not one.actions)
        return {one.id: one for one in found if one.draft is not None and one.path.rpartition("/")[0] == item}

    def parts(self, item: str) -> Iterator[Operation]:
        """The lists that one of the things at `item` has."""
        for one in self.operations.values():
            if one.is_list and one.path.startswith(f"{item}/") and "/" not in one.path.removeprefix(f"{item}/"):
                yield one

    @cached_property
    def labels(self) -> dict[str, Pair]:
        """What a word of a closed list is called, for fields that tell of things of several kinds; states first."""
        found: dict[str, Pair] = {}
        schemas = self.document["components"]["schemas"]
        lists = (name for name in schemas if not name.endswith("Sort"))
        for name in sorted(lists, key=lambda name: not name.endswith("State")):
            found = {**(choices_of(schemas[name]) or {}), **found}
        return found

    def property(self, name: str, *, service: str = "") -> Shape | None:
        """The field that is called so: as this service has it, or else as the first schema that has one says."""
        return self._properties.get(f"{service}.{name}") or self._properties.get(name)

    def title(self, name: str, *, service: str = "") -> Pair | None:
        """What a field is called, also one that only journals and the audit log name."""
        said = self.document["components"].get("x-fields", {}).get(name)
        if said is not None and not (service and f"{service}.{name}" in self._properties):
            return pair_of(said)
        known = self.property(name, service=service)
        return None if known is None else known.title

    @cached_property
    def _properties(self) -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        for component, schema in self.document["components"]["schemas"].items():
            for name, part in schema.get("properties", {}).items():
                for key in {name, f"{component.rpartition('.')[0]}.{name}"} - found.keys():
                    if "x-title" in part:
                        found[key] = self._reader.shape(part, name=name)
        return found

    def component(self, name: str) -> Shape:
        """What the document says of one of its schemas."""
        return self._reader.shape({"$ref": f"#/components/schemas/{name}"})

    @cached_property
    def scopes(self) -> dict[str, Pair]:
        """What each scope allows."""
        told = self.document["components"]["securitySchemes"]["oauth2"].get("x-scopes", {})
        return {name: pair_of(words, name) for name, words in told.items()}

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.document["components"]["schemas"])

    def _operation(self, method: str, path: str, *, given: Mapping[str, Any]) -> Operation:
        parameters = given.get("parameters", ())
        security = given.get("security") or [{}]
        draft = given.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema")
        answer, is_list = self._answer(given["responses"])
        return Operation(
            id=given["operationId"],
            method=method,
            path=path,
            title=pair_of(given.get("x-summary")),
            text=pair_of(given.get("x-happens")),
            scope=next((scopes[0] for one in security for scopes in one.values() if scopes), ""),
            by=str(given.get("x-by", "")),
            headers=frozenset(one["name"] for one in parameters if one["in"] == "header"),
            actions=tuple(given.get("x-actions", ())),
            once=tuple(given.get("x-once", ())),
            draft=None if draft is None else self._reader.shape(draft),
            query=self._told(parameters, "query"),
            places=self._told(parameters, "path"),
            answer=answer,
            is_list=is_list,
            is_made="201" in given["responses"],
        )

    def _told(self, parameters: Sequence[Mapping[str, Any]], where: str) -> tuple[Shape, ...]:
        return tuple(
            self._reader.shape({**one, **one["schema"]}, name=one["name"], required=one.get("required", False))
            for one in parameters
            if one["in"] == where
        )

    def _answer(self, responses: Mapping[str, Any]) -> tuple[Shape | None, bool]:
        told = responses.get("200") or responses.get("201") or {}
        schema = told.get("content", {}).get(JSON, {}).get("schema")
        if schema is None:
            return None, False
        shape = self._reader.shape(schema)
        items = shape.field("items")
        if shape.field("next") is not None and items is not None:
            return items.items, True
        return shape, False


LOCK = Lock()


def warmed() -> None:
    """Reads it where this process answers itself; what another process answers is asked for when it is needed."""
    if database().settings.api is None:
        description()


def description() -> Description:
    """Of the API that this process asks; asked for once."""
    kept: Description | None = current_app.extensions.get("api_description")
    if kept is None:
        with LOCK:
            kept = current_app.extensions.get("api_description")
            if kept is None:
                kept = Description(Api().get("/openapi.json").body)
                current_app.extensions["api_description"] = kept
    return kept
