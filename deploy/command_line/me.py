"""The command `me`."""

from __future__ import annotations

from typing import Any

import click
import httpx

from deploy.command_line import keeping
from deploy.command_line.api import SECONDS, refused


@click.command()
def me() -> None:
    """我是谁、可做什么 / Who is signed in, with which roles, and what these allow."""
    login = keeping.kept()
    headers = {"Authorization": f"Bearer {login.access}"}
    try:
        answer = httpx.get(f"{login.address}/v1/me", headers=headers, timeout=SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise click.ClickException(f"无法连接平台 / The platform cannot be reached: {error!r}") from error
    if answer.is_error:
        refused(answer)
    for line in lines(login.address, answer.json()):
        click.echo(line)


def lines(address: str, told: dict[str, Any]) -> list[str]:
    """What `GET /v1/me` tells, for people."""
    called = [told["name"] or "-", told["login"] or told["client"] or told["id"]]
    found = [
        ("平台 / Platform", address),
        ("姓名 / Name", " ".join(called)),
        ("辖区 / Tenant", _named(told, told["tenant"])),
        ("组织 / Organisation", _named(told, told["organisation"])),
        ("角色 / Roles", "、".join(f"{role['name_zh']} {role['name_en']}" for role in told["roles"])),
    ]
    known = [f"{title}: {value}" for title, value in found if value]
    return [
        *known,
        "可做 / May:",
        *(f"  {one['scope']:24} {one['name_zh']} / {one['name_en']}" for one in told["scopes"]),
    ]


def _named(told: dict[str, Any], key: str | None) -> str | None:
    name = told.get("names", {}).get(key)
    return f"{name['zh']} {name['en']}" if name else key
