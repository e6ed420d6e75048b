"""Measures the work list of a tenant for whom 100,000 things wait, in the database alone, as the app role sees it."""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy import Select, event, text
from sqlalchemy.orm import ORMExecuteState

from deploy.local.stack import Stack
from services import registry
from services.registry import MIGRATED
from shared.core.context import Context
from shared.core.settings import Settings
from shared.database.migrating import migrate
from shared.database.pages import PageRequest
from shared.http.lists.work_listed import OTHERS, TENANT, work
from shared.journal.session import Database, Session
from shared.journal.work import KEEP, NEVER

THINGS = int(os.environ.get("THINGS", "100000"))
OTHER_TENANTS = 3
"""Each with as much work, in the same table."""
NOTHING = frozenset({"parks:read", "standards:decide"})
SCOPES = frozenset({"parks:read", "parks:sign", "standards:read", "commands:read"})
QUESTIONS: dict[str, dict[str, Any]] = {
    "for me, the first page": {"whose": "me"},
    "for my tenant, the first page": {"whose": TENANT},
    "for others, the first page": {"whose": OTHERS},
    "for me, what is overdue": {"whose": "me", "overdue": True},
    "for me, agreements alone": {"whose": "me", "kind": "parks.agreement"},
    "for me, of a kind of which nothing waits": {"whose": "me", "kind": "standards.recognition"},
}


def line(session: Session, number: int) -> dict[str, Any]:
    """One thing that waits: of ten kinds of terms, every third one for others as well."""
    now, here = session.clock.now(), session.context.tenant_id
    signs = number % 2 == 0
    return {
        "tenant_id": here, "aggregate_id": uuid4(), "action": "sign" if signs else "resume",
        "kind": "parks.agreement" if signs else "parks.park", "name_zh": f"园区{number}", "name_en": None,
        "url": f"/v1/parks/{number}", "scope": "parks:sign" if signs else "parks:write",
        "parties": [here, uuid4()] if number % 3 == 0 else [here], "mine": True, "others": number % 3 == 0,
        "organisation_id": None, "by_organisation": False, "since": now - timedelta(minutes=number), "updated_at": now,
        "due": now + timedelta(hours=number % 1000 - 100) if number % 10 else NEVER,
    }  # fmt: skip


def filled(database: Database, tenant: UUID) -> None:
    """So many things wait for this tenant."""
    with database.session(context(tenant)) as session:
        for begin in range(0, THINGS, 5000):
            session.write(KEEP, [line(session, number) for number in range(begin, min(begin + 5000, THINGS))])


def context(tenant: UUID, scopes: frozenset[str] = SCOPES) -> Context:
    """An official who may sign and not write, or do nothing of what waits."""
    return Context(tenant_id=tenant, actor_id="benchmark", scopes=scopes)


def explained(session: Session, filters: dict[str, Any], *, paging: PageRequest) -> tuple[float, str]:
    """Milliseconds of the statement in the database, planning included, and the plan."""
    asked: list[Select[Any]] = []

    def keep(state: ORMExecuteState) -> None:
        asked.append(state.statement)  # type: ignore[arg-type]

    event.listen(session, "do_orm_execute", keep)
    work(session, filters, paging=paging)
    event.remove(session, "do_orm_execute", keep)
    compiled = asked[-1].compile(session.connection(), compile_kwargs={"literal_binds": True})
    plan = [row[0] for row in session.execute(text(f"EXPLAIN (ANALYZE, BUFFERS) {compiled}".replace(":", "\\:")))]
    spent = [float(row.split(":")[1].split()[0]) for row in plan if row.startswith(("Planning Time", "Execution Time"))]
    return sum(spent), "\n".join(plan)


def main() -> None:
    """Fill, ask and print."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "stack")
        try:
            environment = stack.start()
            migrate(environment["XIETONG_DATABASE_URL"], MIGRATED)
            registry.load()
            database = Database(Settings.load(environment), "app")
            tenants = [uuid4() for _tenant in range(1 + OTHER_TENANTS)]
            for tenant in tenants:
                filled(database, tenant)
            with psycopg.connect(environment["XIETONG_DATABASE_URL"], autocommit=True) as connection:
                # What PostgreSQL does by itself within a minute.
                connection.execute("VACUUM ANALYZE shared.work")
            measured(database, tenants[0], console=console)
        finally:
            stack.remove()


def measured(database: Database, tenant: UUID, *, console: Console) -> None:
    """One line for each question, the slowest plan below."""
    table = Table(title=f"work list of a tenant, {THINGS} things wait, {OTHER_TENANTS} tenants more in the table")
    for column in ("", "ms in the database"):
        table.add_column(column, justify="right")
    plans = []
    with database.session(context(tenant)) as session:
        page = work(session, {"whose": "me"}, paging=PageRequest(None, 100))
        for name, filters in QUESTIONS.items():
            plans.append((*explained(session, filters, paging=PageRequest(None, 100)), name))
        plans.append(
            (*explained(session, {"whose": "me"}, paging=PageRequest(page.next, 100)), "for me, the second page")
        )
    with database.session(context(tenant, NOTHING)) as session:
        plans.append(
            (*explained(session, {"whose": "me"}, paging=PageRequest(None, 100)), "for me, who may do none of it")
        )
    for spent, _plan, name in plans:
        table.add_row(name, f"{spent:.1f}")
    console.print(table, max(plans)[1])
    database.close()


if __name__ == "__main__":
    main()
