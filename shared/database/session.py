"""Sessions bound to one tenant: row-level security shows them nothing else. What they publish is the journal's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, Executable, Text, bindparam, create_engine, event, func, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import SessionTransaction, UOWTransaction

from events.entry import Actor
from shared.core.clock import Clock
from shared.core.context import Context
from shared.core.errors import NotFoundError
from shared.core.settings import Settings
from shared.database.rows import Aggregate, TenantRow

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T", bound=TenantRow)
NOTIFY = select(func.pg_notify(bindparam("channel"), bindparam("payload")))
IS_LOCAL = True
BIND = select(
    *(
        func.set_config(name, bindparam(name.replace(".", "_"), type_=Text()), IS_LOCAL)
        for name in ("app.tenant_id", "app.scope", "app.organisation_id")
    )
)
"""Binds the transaction to a tenant; a statement made once compiles once."""
LIMITS = "54"
"""The class of SQLSTATE that says so: the width of an index, the size of a text that is searched, the depth of JSON."""
REACHED: Mapping[str, int] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A server that is cut off without a word is noticed after ten seconds, not when the kernel gives up."""


@dataclass
class Connections:
    """The connections of one database role in one process; nothing is opened before first use (gunicorn forks)."""

    settings: Settings
    role: str = "app"
    pool: int = 10
    clock: Clock = field(default_factory=Clock)

    @cached_property
    def engine(self) -> Engine:
        """The pool; waiting for a connection is bounded by 10 s."""
        engine = create_engine(
            self.settings.url(self.role),
            pool_size=self.pool,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=True,
            connect_args={"application_name": f"xietong-{self.role}", **REACHED},
        )
        event.listen(engine, "handle_error", _blame_what_was_given)
        return engine

    @contextmanager
    def cell_session(self) -> Iterator[OrmSession]:
        """A session of no tenant: sees registers and what the role's own policies show."""
        with OrmSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give all connections back."""
        if "engine" in self.__dict__:
            self.engine.dispose()


def _blame_what_was_given(failed: ExceptionContext) -> None:
    """What goes beyond a limit of PostgreSQL's own is the fault of what was given: a driver calls it the server's.

    Whoever waits for a server that is away would wait for ever.
    """
    given = failed.original_exception
    if isinstance(given, psycopg.Error) and (given.sqlstate or "").startswith(LIMITS):
        raise DataError(failed.statement, None, given) from given


class TenantSession(OrmSession):
    """A SQLAlchemy session that knows on whose behalf it works."""

    _undone: ClassVar[tuple[str, ...]] = ("_woken", "afterwards")
    """What a savepoint gives back when it is rolled back."""

    def __init__(self, connections: Connections, context: Context) -> None:
        super().__init__(connections.engine, expire_on_commit=False)
        self.context: Final = context
        """The same from the first statement to the last: who acts otherwise is said where it is published."""
        self.clock = connections.clock
        self.settings = connections.settings
        self.afterwards: list[Callable[[], None]] = []
        """Each opens a session of its own, of another tenant: no transaction sees two."""
        self._woken: set[tuple[str, str]] = set()

    def one(self, kind: type[T], key: UUID | str, *, lock: bool = False, by: Actor | None = None) -> T:
        """The tenant's row; raises `NotFoundError`, also where whoever acts (`by`, or the context's actor) is no party.

        `lock` holds it until the transaction ends; an aggregate is locked by `locked`, which sees what it was.
        """
        party, tenant = self.context.party if by is None else by.tenant, self.context.tenant_id
        row = self.get(kind, (tenant, key), with_for_update=lock or None, populate_existing=lock)
        if row is None or (isinstance(row, Aggregate) and party not in (tenant, *row.party_ids)):
            raise NotFoundError.of(kind.called, key)
        return row

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail by itself: what it did, here and in the database, is undone when the block raises."""
        kept = {name: copy(getattr(self, name)) for name in self._undone}
        try:
            with self.begin_nested():
                yield
        except BaseException:
            for name, value in kept.items():
                setattr(self, name, value)
            self.info.pop("audit", None)
            self.info.pop("audit_change", None)
            raise

    def wake(self, channel: str, payload: str) -> None:
        """NOTIFY at commit, once per transaction: a wake-up for those who also poll."""
        if (channel, payload) not in self._woken:
            self._woken.add((channel, payload))
            self.connection().execute(NOTIFY, {"channel": channel, "payload": payload})

    def write(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a prepared multi-row statement without the ORM's bookkeeping, which costs more than the statement."""
        if rows:
            self.connection().execute(statement, rows)


@event.listens_for(TenantSession, "after_begin")
def _bind_tenant(session: TenantSession, _transaction: SessionTransaction, connection: Connection) -> None:
    context = session.context
    connection.execute(
        BIND,
        {
            "app_tenant_id": str(context.tenant_id),
            "app_scope": context.scope,
            "app_organisation_id": str(context.organisation_id or ""),
        },
    )


@event.listens_for(TenantSession, "before_flush")
def _fill_tenant(session: TenantSession, _flush: UOWTransaction, _instances: object) -> None:
    for row in session.new:
        if isinstance(row, TenantRow):
            row.tenant_id = session.context.tenant_id
