"""The OpenAPI 3.1 document, made from the same declarations that run and from the words beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin, resolver
from apispec.ext.marshmallow.common import make_schema_key
from marshmallow import Schema

from shared.core.words import SHARED, Pair, words_of
from shared.http.descriptions.describing import Describing, package_of_service
from shared.http.lists.command_views import CommandView
from shared.http.names import NAMES, Names, NameView, answer_view
from shared.http.openapi.answers import HEADERS
from shared.http.openapi.form_hints import form_hints
from shared.http.openapi.operation import OAUTH, operation, path_of
from shared.http.requests.problems import ProblemView
from shared.http.resources import Route
from shared.http.routes import Routes

ABOUT = Pair(
    "各辖区在同一平台上协同办事:园区、标准、证书、机构与互认。约定见 `docs/api.md`。",
    "Jurisdictions in step: parks, standards, certificates, organisations and recognition. Conventions: `docs/api.md`.",
)
HERE = Pair("本文档所在的服务器", "The server that gave this document")


def document(services: Iterable[Routes]) -> dict[str, Any]:
    """The whole document of these services."""
    return described(list(services))[0]


def described(services: Sequence[Routes]) -> tuple[dict[str, Any], list[str]]:
    """The document, and what in it has no words or no example, by name."""
    kinds: dict[str, type[Schema]] = {}

    def named(schema: Any) -> str:
        cls = schema if isinstance(schema, type) else type(schema)
        kinds[_schema_name(cls)] = cls
        return _schema_name(cls)

    plugin = MarshmallowPlugin(schema_name_resolver=named)
    spec = _spec(plugin, services)
    converter: Any = plugin.converter
    converter.add_attribute_function(form_hints)

    def resolve(schema: Any) -> Any:
        return None if plugin.resolver is None else plugin.resolver.resolve_schema_dict(schema)  # type: ignore[no-untyped-call]

    kinds |= {"Problem": ProblemView, "Name": NameView, "Command": answer_view(CommandView)}
    declared: dict[tuple[str, str], tuple[str, Route]] = {}
    paths: dict[str, dict[str, Any]] = {}
    for routes in services:
        for route in routes.declared:
            key = path_of(route), route.method.lower()
            paths.setdefault(key[0], {})[key[1]] = operation(spec, resolve, service=routes.service, route=route)
            declared[key] = routes.service, route
    for path, operations in paths.items():
        spec.path(path, operations=operations)
    made = spec.to_dict()
    describing = Describing(made["components"]["schemas"], kinds)
    describing.describe_schemas()
    for (path, method), (service, route) in declared.items():
        describing.describe_operation(made["paths"][path][method], service, route=route)
    describing.add_examples()
    packages = (SHARED, *sorted({package_of_service(routes.service) for routes in services} - {SHARED}))
    said = {name: pair for package in packages for name, pair in words_of(package).labels("fields").items()}
    made["components"]["x-fields"] = {name: pair.by_language() for name, pair in sorted(said.items())}
    return made, describing.missing


def _spec(plugin: MarshmallowPlugin, services: Sequence[Routes]) -> APISpec:
    tags = []
    for service in (routes.service for routes in services):
        word = words_of(package_of_service(service)).word("service", service)
        titles = {} if word is None else {"x-title": word.title.by_language(), "x-description": word.text.by_language()}
        said = {} if word is None else {"description": word.text.paragraphs()}
        tags.append({"name": service, **said, **titles})
    spec = APISpec(
        title="Xietong API",
        version="1",
        openapi_version="3.1.0",
        plugins=[plugin],
        info={
            "summary": "协同 / Xietong",
            "description": ABOUT.paragraphs(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        servers=[{"url": "/", "description": str(HERE)}],
        tags=tags,
    )
    spec.components.security_scheme(OAUTH, _oauth(services))
    spec.components.schema("Problem", schema=ProblemView)
    spec.components.schema("Name", schema=NameView)
    spec.components.schema("Names", component=NAMES)
    converter: Any = plugin.converter
    converter.refs[make_schema_key(Names())] = "Names"
    spec.components.schema("Command", schema=answer_view(CommandView))
    for name, header in HEADERS.items():
        spec.components.header(name, header)
    return spec


def _oauth(services: Sequence[Routes]) -> dict[str, Any]:
    """Where tokens are had, with every scope; OpenAPI 3.1 knows no flow for devices yet."""
    endpoints = {name: address for routes in services for name, address in routes.endpoints.items()}
    labels = {}
    for routes in services:
        package = package_of_service(routes.service)
        for scope in {route.scope for route in routes.declared if route.scope}:
            labels[scope] = words_of(package).pair("scopes", scope) or words_of(SHARED).pair("scopes", scope)
    known = {scope: label for scope, label in sorted(labels.items()) if label is not None}
    token = {"tokenUrl": endpoints.get("token", "/"), "scopes": {scope: str(label) for scope, label in known.items()}}
    return {
        "type": "oauth2",
        "description": Pair(
            "向 `tokenUrl` 取得访问令牌,以 `Authorization: Bearer` 发送。",
            "Get an access token at `tokenUrl` and send it as `Authorization: Bearer`.",
        ).paragraphs(),
        "flows": {
            "authorizationCode": {"authorizationUrl": endpoints.get("authorize", "/"), **token},
            "clientCredentials": token,
            "x-deviceAuthorization": {"deviceAuthorizationUrl": endpoints.get("device", "/"), **token},
        },
        "x-scopes": {scope: label.by_language() for scope, label in known.items()},
    }


def _schema_name(cls: type[Schema]) -> str:
    """`parks.ParkView`: services are strangers, so two of them may use one name."""
    name: str = resolver(cls).removesuffix("Schema")
    package, _, rest = cls.__module__.partition(".")
    return f"{rest.split('.')[0]}.{name}" if package == "services" else name
