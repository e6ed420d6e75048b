"""The command `api`: one subcommand for every route, made of the same declarations that run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import click
import httpx
from marshmallow import Schema, fields

from events.foreign import ForeignJsonError, read
from services import registry
from services.command_line import keeping
from shared.http.routes import Route
from shared.http.types import PATH_PARAMETER

LARGEST_BODY = 10_000_000
SECONDS = 60


class Operations(click.Group):
    """Every declared route, by the name it has in the OpenAPI document."""

    @cached_property
    def routes(self) -> Mapping[str, Route]:
        """By command name; loaded when first asked for, so that other commands start fast."""
        return {
            re.sub(r"_", "-", route.name): route
            for routes in registry.load()
            for route in routes.declared
            if not route.is_raw
        }

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In order of name."""
        return sorted(self.routes)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """The command of one route."""
        route = self.routes.get(name)
        return None if route is None else _command(name, route)


@click.group(cls=Operations)
def api() -> None:
    """平台接口的全部操作 / Every operation of the API, as who is signed in."""


def _command(name: str, route: Route) -> click.Command:
    path = [match["name"] for match in PATH_PARAMETER.finditer(route.rule)]
    params: list[click.Parameter] = [click.Argument([part]) for part in path]
    schema = route.draft or route.query
    if schema is not None:
        params += _options(schema())
    if route.draft is not None:
        params.append(click.Option(["--body"], help="整个请求体:JSON、@文件 / the whole body: JSON, or @file"))
    if route.command or route.method in ("PATCH", "PUT"):
        params.append(click.Option(["--if-match"], default="*", show_default=True, help="ETag"))

    def run(**given: Any) -> None:
        _show(_send(route, path, given=given))

    return click.Command(name, params=params, callback=run, help=f"{route.summary} ({route.method} {route.rule})")


def _options(schema: Schema) -> Iterator[click.Option]:
    for name, field in schema.fields.items():
        key = field.data_key or name
        text = "JSON" if _is_nested(field) else None
        yield click.Option([f"--{key.replace('_', '-')}", key], help=text)


def _is_nested(field: fields.Field[Any]) -> bool:
    return isinstance(field, fields.List | fields.Dict | fields.Nested)


def _send(route: Route, path: list[str], *, given: dict[str, Any]) -> httpx.Response:
    login = None if route.is_public else keeping.kept()
    rule = route.rule
    for name in path:
        rule = re.sub(rf"<(?:[a-z0-9]+:)?{name}>", quote(str(given.pop(name)), safe=""), rule)
    headers = {} if login is None else {"Authorization": f"Bearer {login.access}"}
    if if_match := given.pop("if_match", None):
        headers["If-Match"] = if_match
    if route.method == "POST" and not route.is_public:
        headers["Idempotency-Key"] = uuid4().hex
    whole = given.pop("body", None)
    body = _body(route, given) if whole is None else _json(_read(whole))
    values: dict[str, Any] = {"params": _present(given)} if route.method == "GET" else {"json": body}
    return httpx.request(route.method, f"{keeping.address()}{rule}", headers=headers, timeout=SECONDS, **values)


def _read(text: str) -> bytes | str:
    try:
        return Path(text[1:]).read_bytes() if text.startswith("@") else text
    except OSError as error:
        raise click.ClickException(f"无法读取文件 / The file cannot be read: {error}") from error


def _json(given: bytes | str) -> Any:
    try:
        return read(given, largest=LARGEST_BODY)
    except ForeignJsonError as error:
        where = f"{error.pointer}: " if error.pointer else ""
        raise click.ClickException(
            f"JSON 不可用,请更正 / JSON that cannot be sent: {where}{error.zh} / {error.en}"
        ) from error


def _present(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _body(route: Route, given: Mapping[str, Any]) -> dict[str, Any]:
    if route.draft is None:
        return {}
    declared = {field.data_key or name: field for name, field in route.draft().fields.items()}
    return {name: _value(declared[name], value) for name, value in _present(given).items()}


def _value(field: fields.Field[Any], text: str) -> Any:
    if isinstance(field, fields.List) and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",")]
    if _is_nested(field) or isinstance(field, fields.Integer | fields.Boolean):
        return _json(text)
    return text


def _show(answer: httpx.Response) -> None:
    is_json = "json" in answer.headers.get("content-type", "")
    click.echo(json.dumps(answer.json(), ensure_ascii=False, indent=2) if is_json else answer.text)
    if answer.is_error:
        raise click.exceptions.Exit(1)
