"""One operation of the OpenAPI document: its address, parameters, body, rights and answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apispec import APISpec

from shared.database.counting import ABOUT, EXACT
from shared.http.bulk import MOST
from shared.http.fields.path_types import PATH_PARAMETER
from shared.http.fields.references import refers
from shared.http.names import NAMES_REF, answer_view
from shared.http.openapi.answers import BINARY, JSON, answers
from shared.http.resources import Route

OAUTH = "oauth2"
Resolve = Callable[[Any], Any]
"""Gives the reference to a schema class, and adds its component if there is none yet."""
ONE_TAG = r'"[0-9]{1,9}\.[0-9]{1,9}"'
IF_MATCH = rf"^(\*|{ONE_TAG}(, ?{ONE_TAG}){{0,9}})$"
PATH_TYPES: dict[str | None, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "tenant": {"type": "string", "minLength": 1, "maxLength": 60},
    "number": {"type": "integer", "minimum": 1, "maximum": 999999999},
    "sha256": {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"},
    None: {"type": "string", "pattern": r"^[^\x00-\x1f\x7f]+$"},
}


def path_of(route: Route) -> str:
    """The route's rule as OpenAPI writes it."""
    return PATH_PARAMETER.sub(lambda match: "{" + match["name"] + "}", route.rule)


def operation(spec: APISpec, resolve: Resolve, *, service: str, route: Route) -> dict[str, Any]:
    """The operation but for its words; schemas it names that the document lacks are added to `spec`."""
    view = route.view or (route.shown.view if route.shown else None)
    shown = None if view is None else resolve(answer_view(view))
    listed = _list(spec, resolve(view), with_names=refers(view)) if view is not None and route.listed else None
    in_path = [
        {"in": "path", "name": match["name"], "required": True,
         "schema": dict(PATH_TYPES.get(match["type"], PATH_TYPES[None]))}
        for match in PATH_PARAMETER.finditer(route.rule)
    ]  # fmt: skip
    made: dict[str, Any] = {
        "operationId": route.name,
        "tags": [service],
        "security": [] if route.is_public else [{OAUTH: [route.scope]}],
        "parameters": [*in_path, *_header_parameters(route)],
        "responses": answers(route, view=shown, listed=listed),
    }
    made |= {name: list(told) for name, told in (("x-actions", route.actions), ("x-once", route.once)) if told}
    made |= {"x-by": (route.bulk_of or route).by} if (route.bulk_of or route).by else {}
    if route.query is not None:
        made["parameters"].append({"in": "query", "schema": route.query})
    if route.is_raw and route.method == "POST":
        form = {"type": "object", "required": ["file"], "properties": {"file": BINARY}}
        content = {"application/octet-stream": {"schema": BINARY}, "multipart/form-data": {"schema": form}}
        made["requestBody"] = {"required": True, "content": content}
    if route.draft is not None:
        draft = resolve(route.draft)
        schema = draft
        if route.bulk_of is not None:
            # Any value is taken as an item: one that is not as it should be gets a problem as its own result.
            items = {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"anyOf": [draft, {}]}}
            shape = {
                "type": "object",
                "required": ["items"],
                "additionalProperties": False,
                "properties": {"items": items},
            }
            schema = _named(spec, shape, name=draft["$ref"].rpartition("/")[2] + "List")
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return made


def _list(spec: APISpec, shown: Any, *, with_names: bool) -> dict[str, Any]:
    """A page of these things, as a schema of its own name: `parks.ParkList`."""
    name = shown["$ref"].rpartition("/")[2]
    listed = name.removesuffix("View").removesuffix("Line") + "List"
    shape: dict[str, Any] = {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": shown},
            "next": {"type": ["string", "null"]},
            "total": {"type": "integer", "minimum": 0},
            "total_is": {"type": "string", "enum": [EXACT, ABOUT]},
        },
    }
    if with_names:
        shape["required"].append("names")
        shape["properties"]["names"] = NAMES_REF
    return _named(spec, shape, name=listed)


def _named(spec: APISpec, shape: dict[str, Any], *, name: str) -> dict[str, Any]:
    if name not in spec.components.schemas:
        spec.components.schema(name, shape)
    return {"$ref": f"#/components/schemas/{name}"}


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    found = []
    if route.conditional:
        found.append(_header("If-Match", pattern=IF_MATCH))
    if route.has_etag:
        found.append(_header("If-None-Match", required=False))
    if route.command:
        found.append(_header("Prefer", required=False))
    if route.method == "POST" and not (route.is_raw or route.is_public):
        found.append(_header("Idempotency-Key", pattern="^[!-~]{1,200}$"))
    return found


def _header(name: str, *, required: bool = True, pattern: str | None = None) -> dict[str, Any]:
    schema = {"type": "string"} if pattern is None else {"type": "string", "pattern": pattern}
    return {"in": "header", "name": name, "required": required, "schema": schema}
