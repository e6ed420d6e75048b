"""What an answer shows by id and does not name: found in the answers of every test that has a cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, Response, request
from marshmallow import Schema, fields

from services.registry import load
from shared.http.fields.references import ID, Referring
from shared.http.lists.command_views import CommandView
from shared.http.resources import Route

OF_NO_THING = {
    "CommandView.id": "a command is sent, and looked up by this",
    "TimelineView.via_command": "the same",
}
"""Fields that hold the id of no tenant, account or thing, by view, with the reason."""
SAID_OF_NO_THING = ("correlation", "command", "directory")
"""The same within what the audit log says, and the signed directory beside its export."""
ROUTES = {route.name: route for routes in load() for route in routes.declared}


def views_of(route: Route) -> Iterator[type[Schema]]:
    """Every schema that an answer of this route may be dumped by."""
    single = route.bulk_of or route
    if single.shown is not None:
        yield single.shown.view
    if single.view is not None:
        yield single.view
    if single.command:
        yield CommandView


def plain_ids(view: Schema, path: str = "") -> Iterator[tuple[str, Any]]:
    """Fields of the schema, and of those within it, that are ids and say not of what, with the view they stand in."""
    for name, field in view.dump_fields.items():
        yield from _plain(field, f"{type(view).__name__}.{field.data_key or name}")


def _plain(field: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(field, Referring):
        return
    if isinstance(field, fields.UUID):
        yield path, field
    elif isinstance(field, fields.Nested):
        yield from plain_ids(field.schema)
    elif isinstance(field, fields.List):
        yield from _plain(field.inner, path)
    elif isinstance(field, fields.Dict):
        for part in (field.key_field, field.value_field):
            yield from _plain(part, path)


def _ids(value: Any, *, told: frozenset[str]) -> Iterator[str]:
    if isinstance(value, str):
        if ID.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        # Whoever asks for what is not there is written down with what he asked for.
        asked = {"subject"} if value.get("outcome") == "refused" else set()
        for name, item in value.items():
            if name not in told | asked:
                yield from (name,) if ID.fullmatch(name) else ()
                yield from _ids(item, told=told)
    elif isinstance(value, list):
        for item in value:
            yield from _ids(item, told=told)


def unnamed(route: Route, body: Mapping[str, Any]) -> list[str]:
    """The ids in this answer that stand in `names` not, and of which it does not say why."""
    told = {path.rpartition(".")[2] for view in views_of(route) for path, _field in plain_ids(view())}
    if "audit" in route.name:
        told |= set(SAID_OF_NO_THING)
    shown = {name: item for name, item in body.items() if name != "names"}
    return sorted(set(_ids(shown, told=frozenset(told))) - set(body.get("names", {})))


def watch(app: Flask) -> list[str]:
    """What no answer of this application named, from now on."""
    found: list[str] = []

    def check(response: Response) -> Response:
        route = ROUTES.get(request.endpoint.partition(".")[2] if request.endpoint else "")
        if route is not None and not route.is_raw and response.is_json and response.status_code < 300:
            body = response.get_json()
            if body and (missing := unnamed(route, body)):
                found.append(f"{route.name}: {missing}")
        return response

    app.after_request(check)
    return found
