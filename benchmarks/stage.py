"""A stack of its own with durable settings, the platform's tables and topics on it, and tenants at work."""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from benchmarks.processes import running
from deploy.bootstrap import ensure_platform_key
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Part
from deploy.local.stack import Stack
from services.identity.commands.bootstrap import ensure_platform
from services.registry import MIGRATED, SERVICES, load
from services.tenants.commands import create_tenant
from shared.core.context import PLATFORM, Context
from shared.core.settings import KNOWN, Settings
from shared.database.migrating import migrate
from shared.journal.session import Database
from shared.messaging.kafka import create_topics

RELAY, WORKER, WEB = ("deploy", "relay"), ("deploy", "worker"), ("deploy", "web")
CARRIERS: Mapping[str, Sequence[str]] = {"relay": RELAY, "worker": WORKER}
EVERYTHING: Mapping[str, Sequence[str]] = {**CARRIERS, "web": WEB}
UNLIMITED = {f"XIETONG_{name}_PER_MINUTE": "6000000" for name in ("REQUESTS", "CLIENT_REQUESTS", "ADDRESS_REQUESTS")}
LONGEST = 600.0


@dataclass
class Stage:
    """What the parts of the benchmark work on; `admin` sees behind row-level security, for looking alone."""

    stack: Stack
    environment: dict[str, str]
    settings: Settings
    app: Database
    admin: psycopg.Connection[Any]

    def context(self, tenant: UUID) -> Context:
        """What the benchmark writes as."""
        return Context(tenant_id=tenant, actor_id="benchmark")

    def running(self, parts: Mapping[str, Sequence[str]] = CARRIERS) -> Any:
        """The platform's processes, for the length of a block."""
        return running(parts, self.environment)

    def servers(self) -> dict[str, int]:
        """The process ids of Kafka and PostgreSQL."""
        found = {name: Part(self.stack.home, name).pid() for name in ("kafka", "postgres")}
        return {name: pid for name, pid in found.items() if pid is not None}

    def tenants(self, *names: str) -> list[UUID]:
        """New provinces at work; relay and worker must run."""
        made = []
        for name in names:
            named: dict[str, Any] = {
                "name_zh": name,
                "name_en": name,
                "division_codes": ["510000", "500000"],
                "members": [],
            }
            with self.app.session(self.context(PLATFORM)) as session:
                code = f"{name}-{uuid4().hex[:6]}"
                made.append(create_tenant(session, code=code, tenant_kind="province", **named).id)
        active = "SELECT count(DISTINCT tenant_id) FROM shared.signing_keys WHERE tenant_id = ANY(%s)"
        wait_until(lambda: self.one(f"{active} AND active_at IS NOT NULL", made) == len(made), every=0.05)
        return made

    def one(self, query: str, *given: Any) -> Any:
        """The single value that a statement gives, behind row-level security."""
        row = self.admin.execute(query, given).fetchone()
        return row[0] if row else None

    def settle(self) -> None:
        """Wait until nothing is on its way any more: nothing unsent, nothing that a party has not confirmed."""
        unsent = "SELECT count(*) FROM shared.outbox"
        heads = "SELECT count(*) FROM shared.heads WHERE waiting <> '{}'"
        wait_until(lambda: self.one(unsent) == 0 and self.one(heads) == 0, every=0.5)


def wait_until(done: Callable[[], bool], *, every: float, longest: float = LONGEST) -> None:
    """Look again and again; raises TimeoutError."""
    deadline = time.monotonic() + longest
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"this did not come to an end in {longest:.0f} s")
        time.sleep(every)


def _free_port() -> int:
    """That no other stack has, which begins at the usual one until somebody listens there."""
    with socket.create_server((LOOPBACK, 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def stage() -> Iterator[Stage]:
    """A fresh one; removed with all its data when the block ends."""
    with tempfile.TemporaryDirectory(prefix="xietong-bench-") as folder:
        stack = Stack(Path(folder))
        try:
            web = f"{LOOPBACK}:{_free_port()}"
            own = {"XIETONG_WEB": web, "XIETONG_ISSUER": f"http://{web}", "XIETONG_LOG_LEVEL": "error"}
            environment = {**stack.start(), **own, **UNLIMITED}
            settings = Settings.load({name: value for name, value in environment.items() if name in KNOWN})
            migrate(environment["XIETONG_DATABASE_URL"], MIGRATED)
            create_topics(settings, SERVICES)
            load()
            app = Database(settings, "app")
            ensure_platform_key(app)
            with psycopg.connect(stack.admin_url, autocommit=True) as admin:
                made = Stage(stack, environment, settings, app, admin)
                with app.session(made.context(PLATFORM)) as session:
                    ensure_platform(session)
                yield made
            app.close()
        finally:
            stack.remove()
