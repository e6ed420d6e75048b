"""What runs and where, for scripts and for people."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from deploy.local.errors import tail
from deploy.local.keys import WALL, kept_keys
from deploy.local.platform import is_ready, web_url
from deploy.local.stack import Stack

PROGRAM = ".venv/bin/xietong" if Path(".venv/bin/xietong").exists() else "xietong"
SICHUAN = f"{PROGRAM} token --account official@sichuan"
NEXT = (
    ("从这里开始 / Start here", "{web}/"),
    ("登录进入控制台 / Sign in to the console", "{web}/console"),
    ("一次性密码 / One-time password", f"{PROGRAM} otp signatory@sichuan"),
    ("大屏 / The wall, for a large screen", "{web}/wall?token={wall}"),
    ("接口文档 / API pages", "{web}/docs"),
    ("四川的令牌 / A token for Sichuan", SICHUAN),
    ("四川的园区 / Parks of Sichuan", f'TOKEN=$({SICHUAN})\n  curl -H "Authorization: Bearer $TOKEN" {{web}}/v1/parks'),
    ("核验用的平台公钥 / The platform's key, to pin for verifying", f"{PROGRAM} keys show"),
    ("再演一次 / The scenario again", "make demo"),
    ("停止 / Stop", "make stop"),
)


def report(stack: Stack) -> dict[str, object]:
    """Address of every part that has one, else whether it lives; None or False when it is down."""
    known, alive = stack.environment(), stack.status()
    web = web_url(known) if known else ""
    return {
        "web": web if alive["web"] and is_ready(web) else None,
        "postgres": without_password(known["XIETONG_DATABASE_URL"]) if alive["postgres"] else None,
        "kafka": known["XIETONG_KAFKA"] if alive["kafka"] else None,
        "relay": alive["relay"],
        "worker": alive["worker"],
        "supervisor": alive["supervisor"],
        "metrics": f"http://{stack.operations('worker')}/metrics" if alive["worker"] else None,
        "home": str(stack.home),
    }


def without_password(url: str) -> str:
    """What may be shown of an address: who reads a terminal is not to enter as the owner."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}@{host}" if user else host).geturl()


def print_running(console: Console, stack: Stack) -> None:
    found = report(stack)
    table = Table(title="协同 Xietong", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in found.items():
        table.add_row(name, "[red]未运行 / down[/red]" if not value else str(value).replace("True", "✓"))
    console.print(table)
    if not all(found.values()):
        console.print(tail(stack.home / "logs" / "supervisor.log"), style="yellow", markup=False, highlight=False)
    if found["web"]:
        console.print(_accounts(stack.home))
        for what, how in NEXT:
            console.print(
                f"[bold]{what}[/bold]\n  {how.format(web=found['web'], wall=kept_keys(stack.home)[WALL])}",
                soft_wrap=True,
                highlight=False,
            )


def _accounts(home: Path) -> Table:
    """The demonstration's accounts; all have the one password that the title names."""
    file = home / "accounts.json"
    rows = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    password = rows[0]["password"] if rows else "-"
    title = f"演示账号,密码均为 / Demonstration accounts, all with the password\n{password}"
    table = Table("登录名 / Login", "角色 / Roles", "一次性密码 / Code", title=title, title_justify="left")
    table.columns[0].overflow = table.columns[1].overflow = "fold"
    for row in rows:
        table.add_row(row["login"], ", ".join(row["roles"]), "✓" if row["otp_secret"] else "")
    return table
