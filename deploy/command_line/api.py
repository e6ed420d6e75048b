"""The command `api`: one subcommand for every route, made of the same declarations that run."""

from __future__ import annotations

import json
import mimetypes
import re
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import click
import httpx
from marshmallow import Schema

from deploy.command_line import keeping
from deploy.command_line.options import body, json_value, missing, options, uploads
from services import registry
from shared.http.fields.path_types import PATH_PARAMETER
from shared.http.resources import Route

SECONDS = 60
FILE_SECONDS = 600
ACCEPTED = 202
SHA256 = re.compile("[0-9A-Fa-f]{64}")


class Operations(click.Group):
    """Every declared route, by the name it has in the OpenAPI document."""

    @cached_property
    def services(self) -> Mapping[str, Mapping[str, Route]]:
        """By service and command name; loaded when first asked for, so that other commands start fast."""
        return {
            routes.service: {route.name.replace("_", "-"): route for route in routes.declared}
            for routes in registry.load()
        }

    @cached_property
    def routes(self) -> Mapping[str, Route]:
        """By command name."""
        return {name: route for routes in self.services.values() for name, route in routes.items()}

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In order of name."""
        return sorted(self.routes)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """The command of one route."""
        route = self.routes.get(name)
        return None if route is None else _command(name, route)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """By service."""
        for service, routes in self.services.items():
            with formatter.section(service):
                formatter.write_dl([(name, route.summary) for name, route in sorted(routes.items())])


@click.group(cls=Operations)
def api() -> None:
    """平台接口的全部操作 / Every operation of the API, as who is signed in; `--help` behind one says more."""


def _command(name: str, route: Route) -> click.Command:
    path = [match["name"] for match in PATH_PARAMETER.finditer(route.rule)]
    params: list[click.Parameter] = [click.Argument([part]) for part in path]
    schema = route.draft or route.query
    if schema is not None:
        params += options(schema())
    if route.draft is not None:
        params.append(click.Option(["--json", "whole"], help="整个请求体:JSON、@文件 / the whole body: JSON, or @file"))
    if route.command:
        params.append(
            click.Option(["--wait"], type=click.IntRange(1, 30), help="等待主办辖区答复的秒数 / seconds to wait")
        )
    if route.conditional or route.method in ("PATCH", "PUT"):
        params.append(click.Option(["--if-match"], default="*", show_default=True, help="ETag"))
    params += _file_options(route)

    def run(**given: Any) -> None:
        try:
            _show(_send(route, path, given=given), given.get("output"))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise click.ClickException(f"无法连接平台 / The platform cannot be reached: {error!r}") from error

    return click.Command(
        name,
        params=params,
        callback=run,
        short_help=route.summary,
        help=f"{route.summary} ({route.method} {route.rule})",
    )


def _file_options(route: Route) -> list[click.Parameter]:
    if route.is_raw and route.method == "POST":
        kind = click.Path(exists=True, dir_okay=False, path_type=Path)
        return [
            click.Option(["--file"], type=kind, required=True, help="要上传的文件 / what is uploaded"),
            click.Option(["--media-type"], help="媒体类型,默认按文件名 / media type, by the file's name if left out"),
        ]
    if route.method == "GET":
        return [click.Option(["--output"], help="写入的文件,- 为标准输出 / file to write, - for standard output")]
    return []


def _send(route: Route, path: list[str], *, given: dict[str, Any]) -> httpx.Response:
    login = None if route.is_public else keeping.kept()
    rule = route.rule
    for name in path:
        rule = re.sub(rf"<(?:[a-z0-9]+:)?{name}>", quote(str(given.pop(name)), safe=""), rule)
    headers = {} if login is None else {"Authorization": f"Bearer {login.access}"}
    if if_match := given.pop("if_match", None):
        headers["If-Match"] = if_match
    if wait := given.pop("wait", None):
        headers["Prefer"] = f"wait={wait}"
    if route.method == "POST" and not (route.is_public or route.is_raw):
        headers["Idempotency-Key"] = uuid4().hex
    url = f"{keeping.address()}{rule}"
    if route.is_raw and route.method == "POST":
        file = given["file"]
        guessed = mimetypes.guess_type(file)[0] or "application/octet-stream"
        headers["Content-Type"] = given["media_type"] or guessed
        return httpx.post(url, headers=headers, content=file.read_bytes(), timeout=FILE_SECONDS)
    if route.draft is not None and given.get("whole") is None:
        upload_named(route.draft(), given, authorization=headers.get("Authorization", ""))
    values = _values(route, {name: value for name, value in given.items() if name != "output"})
    return httpx.request(route.method, url, headers=headers, timeout=SECONDS, **values)


def upload_named(schema: Schema, given: dict[str, Any], *, authorization: str) -> None:
    """Sends the files that a draft names by their path; their hashes stand in their place then."""
    for name in uploads(schema):
        said = given.get(name)
        if said is None or SHA256.fullmatch(said):
            continue
        path = Path(said)
        if not path.is_file():
            raise click.ClickException(f"没有这个文件 / There is no such file: {said}")
        media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
        headers = {"Authorization": authorization, "Content-Type": media_type}
        url = f"{keeping.address()}/v1/files"
        answer = httpx.post(url, headers=headers, content=path.read_bytes(), timeout=FILE_SECONDS)
        if answer.is_error:
            refused(answer)
        given[name] = answer.json()["sha256"]


def _values(route: Route, given: dict[str, Any]) -> dict[str, Any]:
    whole = given.pop("whole", None)
    if route.draft is None:
        present = {name: value for name, value in given.items() if value is not None}
        return {"params": present} if route.method == "GET" else {"json": {}}
    if whole is not None:
        try:
            content = Path(whole[1:]).read_bytes() if whole.startswith("@") else whole
        except OSError as error:
            raise click.ClickException(f"无法读取文件 / The file cannot be read: {error}") from error
        return {"json": json_value(content)}
    schema = route.draft()
    if needed := missing(schema, given):
        raise click.UsageError(f"缺少 / Missing: {', '.join(needed)} (--json)")
    return {"json": body(schema, given)}


def _show(answer: httpx.Response, output: str | None) -> None:
    if answer.is_error:
        refused(answer)
    is_json = "json" in answer.headers.get("content-type", "")
    if output is not None and answer.status_code == ACCEPTED:
        raise click.ClickException(_both(answer.json()["message"]))
    if output is not None and output != "-":
        path = Path(output)
        content = answer.content
        try:
            path.write_bytes(content)
        except OSError as error:
            raise click.ClickException(f"无法写入文件 / The file cannot be written: {error}") from error
        click.echo(f"已写入 / Wrote {output}: {len(answer.content)} bytes")
    elif is_json:
        click.echo(json.dumps(answer.json(), ensure_ascii=False, indent=2))
    elif answer.content:
        sys.stdout.buffer.write(answer.content)


def refused(answer: httpx.Response) -> None:
    """A sentence for people; the whole problem for scripts, where standard output is no terminal."""
    is_ours = answer.headers.get("content-type", "").startswith("application/problem+json")
    problem: dict[str, Any] = answer.json() if is_ours else {"detail": answer.text[:500]}
    if not sys.stdout.isatty():
        click.echo(json.dumps(problem, ensure_ascii=False, indent=2))
    said = _both(problem["message"]) if "message" in problem else problem["detail"]
    faults = [f"\n  {one['pointer']}: {_both(one['message'])}" for one in problem.get("errors", [])]
    raise click.ClickException(f"{answer.status_code} {problem.get('code', '')}: {said}{''.join(faults)}")


def _both(message: Mapping[str, str]) -> str:
    return f"{message['zh']} / {message['en']}"
