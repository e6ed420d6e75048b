"""The OpenAPI 3.1 document, made from the same declarations that run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin, resolver
from apispec.ext.marshmallow.common import make_schema_key

from shared.http.bulk import MOST
from shared.http.command_views import CommandView
from shared.http.exporting import MEDIA_TYPES
from shared.http.names import NAMES, NAMES_REF, Names, NameView, answer_view
from shared.http.problems import ProblemView
from shared.http.references import refers
from shared.http.routes import Route, Routes
from shared.http.tenants import TENANT_TEXT
from shared.http.types import PATH_PARAMETER

ONE_TAG = r'"[0-9]{1,9}\.[0-9]{1,9}"'
IF_MATCH = rf"^(\*|{ONE_TAG}(, ?{ONE_TAG}){{0,9}})$"
PATH_TYPES: dict[str | None, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "tenant": {"type": "string", "minLength": 1, "maxLength": 60, "description": TENANT_TEXT},
    "number": {"type": "integer", "minimum": 1, "maximum": 999999999},
    "sha256": {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"},
    None: {"type": "string", "pattern": r"^[^\x00-\x1f\x7f]+$"},
}

EXPORTS: dict[str, Any] = {
    MEDIA_TYPES[form]: {"schema": {"type": "string", "format": "binary"}} for form in ("csv", "xlsx")
}


def document(services: Iterable[Routes]) -> dict[str, Any]:
    """The whole document of these services."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="协同 Xietong API",
        version="1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": "Jurisdictions in step. Conventions: docs/api.md of the project."},
        security=[{"bearer": []}],
    )
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt"})
    spec.components.schema("Problem", schema=ProblemView)
    spec.components.schema("Name", schema=NameView)
    spec.components.schema("Names", component=NAMES)
    converter: Any = plugin.converter
    converter.refs[make_schema_key(Names())] = "Names"
    spec.components.schema("Command", schema=answer_view(CommandView))
    paths: dict[str, dict[str, Any]] = {}
    for routes in services:
        for route in routes.declared:
            paths.setdefault(_path(route), {})[route.method.lower()] = _operation(routes.service, route)
    for path, operations in paths.items():
        spec.path(path, operations=operations)
    return spec.to_dict()


def _schema_name(schema: Any) -> str:
    """`parks.ParkView`: services are strangers, so two of them may use one name."""
    name: str = resolver(schema).removesuffix("Schema")
    cls = schema if isinstance(schema, type) else type(schema)
    package, _, rest = cls.__module__.partition(".")
    return f"{rest.split('.')[0]}.{name}" if package == "services" else name


def _path(route: Route) -> str:
    return PATH_PARAMETER.sub(lambda match: "{" + match["name"] + "}", route.rule)


def _operation(service: str, route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [service],
        "summary": route.summary,
        "description": "Needs no token; few per minute." if route.is_public else f"Scope: `{route.scope}`.",
        "parameters": [*_path_parameters(route), *_header_parameters(route)],
        "responses": {str(status): _problem(text) for status, text in _refusals(route).items()},
        "x-scope": route.scope or None,
    }
    if route.is_public:
        operation["security"] = []
    if route.query is not None:
        operation["parameters"].append({"in": "query", "schema": route.query})
    if route.is_raw and route.method == "POST":
        binary = {"schema": {"type": "string", "format": "binary"}}
        form = {"type": "object", "required": ["file"], "properties": {"file": binary["schema"]}}
        content = {"application/octet-stream": binary, "multipart/form-data": {"schema": form}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.draft is not None:
        schema = route.draft if route.bulk_of is None else _items(route)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    operation["responses"].update(_successes(route))
    return operation


def _items(route: Route) -> dict[str, Any]:
    # Any value is taken as an item: one that is not as it should be gets a problem as its own result.
    items = {"type": "array", "minItems": 1, "maxItems": MOST, "items": {"anyOf": [route.draft, {}]}}
    return {"type": "object", "required": ["items"], "additionalProperties": False, "properties": {"items": items}}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "in": "path",
            "name": match["name"],
            "required": True,
            "schema": PATH_TYPES.get(match["type"], PATH_TYPES[None]),
        }
        for match in PATH_PARAMETER.finditer(route.rule)
    ]


def _header_parameters(route: Route) -> list[dict[str, Any]]:
    found = []
    if route.conditional:
        found.append(_header("If-Match", "The ETag you read, several in a list, or *", pattern=IF_MATCH))
    if route.command:
        found.append(_header("Prefer", "wait=5: wait for home's answer, at most 30 s", required=False))
    if route.method == "POST" and not (route.is_raw or route.is_public):
        found.append(_header("Idempotency-Key", "Any unique string; the same to retry", pattern="^[!-~]{1,200}$"))
    return found


def _header(name: str, text: str, *, required: bool = True, pattern: str | None = None) -> dict[str, Any]:
    schema = {"type": "string"} if pattern is None else {"type": "string", "pattern": pattern}
    return {"in": "header", "name": name, "required": required, "description": text, "schema": schema}


def _successes(route: Route) -> dict[str, Any]:
    if route.media is not None:
        content = {route.media: {"schema": {"type": "string", "format": "binary"}}}
        made = {"200": {"description": "The content", "content": content}}
        return made if route.view is None else {**made, "202": _content(route.view, "Being made; see Retry-After")}
    view = route.view or (route.shown.view if route.shown else None)
    if route.listed and view is not None:
        schema: Any = {
            "type": "object",
            "required": ["items", "next"],
            "properties": {"items": {"type": "array", "items": view}, "next": {"type": ["string", "null"]}},
        }
        if refers(view):
            schema["required"].append("names")
            schema["properties"]["names"] = NAMES_REF
        content = {"application/json": {"schema": schema}, **EXPORTS}
        return {"200": {"description": "A page, or with `format` all of it in one file", "content": content}}
    view = view and answer_view(view)
    if route.is_raw:
        return {"201": _content(view)}
    found = {"201" if route.creates else "200": _content(view)}
    if route.command:
        found["201"] = _content(view)
        found["202"] = _content("Command", "On its way to the home tenant; see Location")
    if route.method == "GET":
        found["304"] = {"description": "Not changed since If-None-Match"}
    return found


def _content(schema: Any, text: str = "As it is now") -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


PLAIN = {"", "uuid", "tenant", "sha256", "number"}
"""Parts of a path that are there or not; what cannot be an identifier of another kind is told so."""


def _refusals(route: Route) -> dict[int, str]:
    found = {} if route.is_public else {401: "No valid token", 403: "Not allowed"}
    found |= {404: "Does not exist for you", 503: "Busy, retry"}
    if route.is_public:
        found[429] = "Too many requests from this address"
        if route.method == "POST":
            found[403] = "That tenant does not use the platform now"
    kinds = {kind for kind, _name in PATH_PARAMETER.findall(route.rule)}
    if route.query is not None or route.draft is not None or kinds - PLAIN:
        found[422] = "Invalid input, with pointers"
    if route.draft is not None or route.method != "GET":
        found |= {400: "Malformed", 409: "The state does not allow it", 413: "Too large", 415: "Not JSON"}
    if route.conditional:
        found |= {412: "Changed meanwhile", 428: "If-Match is missing"}
    return found


def _problem(text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/problem+json": {"schema": "Problem"}}}
