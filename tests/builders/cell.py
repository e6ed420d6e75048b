"""A whole cell inside the test process: real PostgreSQL with row-level security, messages carried by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from deploy.bootstrap import ensure_platform_key
from services.identity.commands.bootstrap import ensure_platform
from services.identity.commands.tokens import TokenHolder, access_token
from services.identity.domain.roles import BUILT_IN, scopes_of
from services.registry import issuer, load
from services.tenants.commands import create_tenant
from shared.commands.reacting import react_due
from shared.core.clock import Clock
from shared.core.context import PLATFORM, Context
from shared.core.settings import Settings
from shared.http.app import create_app
from shared.journal import timers
from shared.journal.outbox import OutboxRow
from shared.journal.session import Database, Session
from shared.journal.timers import run_due
from shared.keys.directory import DirectoryRow
from shared.messaging.rejecting import Record
from shared.messaging.relay import Unsent
from shared.messaging.sweeping import Sweep, look, sweep_tenant
from shared.messaging.worker import Worker
from tests.builders.naming import watch

# Tests share a database: what others left to do must not fill the batch when one of them moves the clock.
timers.BATCH = 10_000
Weather = Callable[[list[Unsent]], list[Unsent]]
Stock = Mapping[str, list[UUID]]
"""Tenants made beforehand, by name."""
_offsets = itertools.count(1)
MOMENT = timedelta(seconds=20)
"""How long a token is used again."""
EVERYDAY = "official+signatory"
"""Roles one person may hold together: does the work of a tenant and signs for it."""


def fair(messages: list[Unsent]) -> list[Unsent]:
    """Every message once, in order."""
    return messages


@dataclass
class Cell:
    """One cell; `carry` is relay, Kafka and worker in one, and lets a test make the weather between them."""

    settings: Settings
    clock: Clock = field(default_factory=Clock)
    neighbours: dict[str, Cell] = field(default_factory=dict)
    """Other cells by name, to which messages for them are carried; without any, all come here."""
    stock: Stock = field(default_factory=dict)
    taken: list[UUID] = field(default_factory=list)
    """Tenants at work, as tests took them."""
    tokens: dict[tuple[UUID, str, str], tuple[datetime, str]] = field(default_factory=dict)
    """Made a moment ago, by tenant, role and subject."""

    def __post_init__(self) -> None:
        self.database = Database(self.settings, "app", clock=self.clock)
        self.worker_database = Database(self.settings, "worker", clock=self.clock)
        self.relay_database = Database(self.settings, "relay", pool=3, clock=self.clock)
        self.worker = Worker(self.worker_database)
        self.sweeping = Sweep(self.worker_database, self.relay_database)
        self.routes = load()
        self.app = create_app(self.settings, self.routes, issuer=issuer, database=self.database)
        self.unnamed = watch(self.app)
        ensure_platform_key(self.database)
        if self.settings.platform_cell == self.settings.cell:
            with self.session(PLATFORM) as session:
                ensure_platform(session)

    def close(self) -> None:
        for database in (self.database, self.worker_database, self.relay_database):
            database.close()

    def put_in_stock(self, wanted: Mapping[str, int]) -> Stock:
        """Make tenants for later, so many of each name: until one is taken it has left, and nobody waits for it."""
        stock = {name: [self.tenant(name) for _number in range(count)] for name, count in wanted.items()}
        self.give_back(0)
        return stock

    def _list_as(self, state: str, tenants: Sequence[UUID]) -> None:
        with self.worker_database.cell_session() as session:
            rows = update(DirectoryRow).where(DirectoryRow.id.in_(tenants))
            session.execute(rows.values(state=DirectoryRow.state.concat({"state": state})))
        for database in (self.database, self.worker_database):
            with database.cell_session() as session:
                database.directory.refresh(session)

    def give_back(self, before: int) -> None:
        """Let those taken since there were `before` leave: what later tests do, nobody does for them too."""
        gone, self.taken = self.taken[before:], self.taken[:before]
        if gone:
            self._list_as("left", gone)

    def context(self, tenant: UUID, **context: Any) -> Context:
        """What a test acts as."""
        return Context(tenant_id=tenant, actor_id="tester", **context)

    def session(self, tenant: UUID, **context: Any) -> Any:
        """A session of this tenant as the app role."""
        return self.database.session(self.context(tenant, **context))

    def take_unsent(self, most: int = 10_000) -> list[Unsent]:
        """What the relay would send now, and would then delete."""
        columns = (OutboxRow.id, OutboxRow.service, OutboxRow.topic, OutboxRow.key, OutboxRow.value)
        with self.relay_database.cell_session() as session:
            waiting = session.execute(select(*columns).order_by(OutboxRow.id).limit(most))
            rows = [Unsent(row.id, "", row.service, row.topic, str(row.key).encode(), row.value) for row in waiting]
            session.execute(delete(OutboxRow).where(OutboxRow.id.in_([row.id for row in rows])))
        return rows

    def deliver(self, messages: list[Unsent]) -> None:
        """Hand messages to the worker of their cell as Kafka would."""
        for name, rows in itertools.groupby(messages, key=lambda row: row.topic.split(".")[0]):
            there = self.neighbours.get(name, self)
            there.worker.handle(Record(row.topic, 0, next(_offsets), row.value) for row in rows)

    def carry(self, weather: Weather = fair, *, rounds: int = 50) -> int:
        """Carry messages until nothing is on its way; returns how many there were."""
        carried = 0
        for _round in range(rounds):
            messages = self._next_messages()
            if not messages:
                return carried
            carried += len(messages)
            self.deliver(weather(messages))
        raise AssertionError("messages do not come to an end")

    def _next_messages(self) -> list[Unsent]:
        """Those that wait; where none does, what is said of those that came before."""
        cells = [self, *self.neighbours.values()]
        waiting = [row for cell in cells for row in cell.take_unsent()]
        if not waiting:
            for cell in cells:
                cell.worker.confirm()
            waiting = [row for cell in cells for row in cell.take_unsent()]
        return waiting

    def sweep(self, *tenants: UUID) -> None:
        """What the worker does every second for these tenants."""
        with self.relay_database.cell_session() as session:
            due = look(session, now=self.clock.now())
        for tenant in due.keys() & set(tenants):
            with self.worker_database.session(Context(tenant_id=tenant, actor_id="xietong:sweep")) as session:
                sweep_tenant(session, due[tenant])

    def tick(self) -> None:
        """What the worker does every second for all tenants of this cell, and for the cell itself."""
        self.sweeping.run()

    def run_timers(self) -> int:
        """What the worker does every second of what is due."""
        return run_due(self.worker_database, self.relay_database) + react_due(self.worker_database, self.relay_database)

    def tenant(self, name: str = "tenant", **changes: Any) -> UUID:
        """A new province with its key enrolled, as the platform makes one; from stock where there is one."""
        if not changes and self.stock.get(name):
            self.taken.append(self.stock[name].pop())
            self._list_as("active", self.taken[-1:])
            return self.taken[-1]
        code = f"{name}-{uuid4().hex[:8]}"
        draft = {
            "code": code, "name_zh": name, "name_en": name, "tenant_kind": "province",
            "division_codes": ["510000", "500000"], "members": [],
        }  # fmt: skip
        with self.session(PLATFORM) as session:
            key = create_tenant(session, **{**draft, **changes}).id
        self.carry()
        self.taken.append(key)
        return key

    def client(self, tenant: UUID, role: str = EVERYDAY, subject: str = "official-1") -> Client:
        """Someone of this tenant, at the API."""
        return Client(self.app.test_client(), lambda: self.token(tenant, role, subject=subject))

    def token(self, tenant: UUID, role: str = EVERYDAY, *, subject: str = "official-1", **changes: Any) -> str:
        """An access token as the identity service makes it, of somebody who gave a second factor a moment ago."""
        kept, now = self.tokens.get((tenant, role, subject)), self.clock.now()
        if not changes and kept is not None and timedelta(0) <= now - kept[0] < MOMENT:
            return kept[1]
        made = self._token(tenant, role, subject=subject, **changes)
        if not changes:
            self.tokens[tenant, role, subject] = now, made
        return made

    def _token(self, tenant: UUID, role: str, *, subject: str, **changes: Any) -> str:
        roles = role.split("+")
        scopes = {scope for name in roles for scope in scopes_of(BUILT_IN[name], of_platform=tenant == PLATFORM)}
        now = self.clock.now()
        given = {"roles": roles, "scopes": scopes, "authenticated_at": now, "factor_at": now, "methods": ["otp", "pwd"]}
        holder = TokenHolder(**{"subject": subject, "client_id": "platform.tests", **given, **changes})
        with self.session(tenant) as session:
            return access_token(session, holder)


@dataclass
class Client:
    """An API user who knows the conventions: sends a fresh Idempotency-Key, and `If-Match: *` unless told otherwise."""

    flask: FlaskClient
    mint: Callable[[], str]
    """A fresh token for each request: tests move the clock."""

    def get(self, url: str, **options: Any) -> Any:
        return self.flask.get(url, headers=self._headers({}, options), **options)

    def post(self, url: str, body: Any = None, **options: Any) -> Any:
        headers = self._headers({"Idempotency-Key": uuid4().hex, "If-Match": "*"}, options)
        return self.flask.post(url, json={} if body is None else body, headers=headers, **options)

    def patch(self, url: str, body: Any, **options: Any) -> Any:
        return self.flask.patch(url, json=body, headers=self._headers({"If-Match": "*"}, options), **options)

    def put(self, url: str, body: Any, **options: Any) -> Any:
        return self.flask.put(url, json=body, headers=self._headers({}, options), **options)

    def _headers(self, defaults: Mapping[str, str], options: dict[str, Any]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.mint()}", **defaults, **options.pop("headers", {})}


__all__ = ["Cell", "Client", "Session", "fair"]
