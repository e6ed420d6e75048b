"""What runs and where, for scripts and for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from deploy.local.errors import tail
from deploy.local.platform import is_ready, web_url

if TYPE_CHECKING:
    from rich.console import Console

    from deploy.local.stack import Stack

PROGRAM = ".venv/bin/xietong" if Path(".venv/bin/xietong").exists() else "xietong"
SICHUAN = f"{PROGRAM} token --account official@sichuan"
NEXT = (
    ("登录 / Sign in", "{web}/signin"),
    ("一次性密码 / One-time password", f"{PROGRAM} otp signatory@sichuan"),
    ("接口文档 / API pages", "{web}/docs"),
    ("四川的令牌 / A token for Sichuan", SICHUAN),
    ("四川的园区 / Parks of Sichuan", f'curl -H "Authorization: Bearer $({SICHUAN})" {{web}}/v1/parks'),
    ("再演一次 / The scenario again", "make demo"),
    ("停止 / Stop", "make stop"),
)


def report(stack: Stack) -> dict[str, object]:
    """Address of every part that has one, else whether it lives; None or False when it is down."""
    known, alive = stack.environment(), stack.status()
    web = web_url(known) if known else ""
    return {
        "web": web if alive["web"] and is_ready(web) else None,
        "postgres": known["XIETONG_DATABASE_URL"] if alive["postgres"] else None,
        "kafka": known["XIETONG_KAFKA"] if alive["kafka"] else None,
        "relay": alive["relay"],
        "worker": alive["worker"],
        "supervisor": alive["supervisor"],
        "metrics": f"http://{stack.operations('worker')}/metrics" if alive["worker"] else None,
        "home": str(stack.home),
    }


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
            console.print(f"[bold]{what}[/bold]\n  {how.format(web=found['web'])}", soft_wrap=True, highlight=False)


def _accounts(home: Path) -> Table:
    """The demonstration's accounts; all have the one password that the title names."""
    file = home / "accounts.json"
    rows = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    password = rows[0]["password"] if rows else "-"
    table = Table(title=f"演示账号,密码均为 / Demonstration accounts, all with the password  {password}",
                  title_justify="left", show_header=False)  # fmt: skip
    for row in rows:
        factor = "+ 一次性密码 / one-time password" if row["otp_secret"] else ""
        table.add_row(row["login"], ", ".join(row["roles"]), factor)
    return table
