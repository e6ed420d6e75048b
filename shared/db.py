"""Database sessions bound to one tenant: row-level security shows them nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, Executable, Text, bindparam, create_engine, event, func, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import SessionTransaction, UOWTransaction

from events.canonical import Json
from events.catalog import Change
from shared import journal
from shared.clock import Clock
from shared.context import Context
from shared.directory import Directory
from shared.errors import NotFoundError, PreconditionError
from shared.keys import EnvironmentVault, Keyring
from shared.log import logger
from shared.model import Aggregate, TenantRow, state_of
from shared.settings import Settings

A = TypeVar("A", bound=Aggregate)
NOTIFY = select(func.pg_notify(bindparam("channel"), bindparam("payload")))
ATTEMPTS = 3
"""Of what is left to do after a commit."""
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
class Database:
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

    @cached_property
    def directory(self) -> Directory:
        """The tenants and their public keys."""
        return Directory(self.settings)

    @cached_property
    def keyring(self) -> Keyring:
        """The private keys of tenants that live here."""
        return Keyring(EnvironmentVault(self.settings.vault_key))

    @contextmanager
    def session(self, context: Context) -> Iterator[Session]:
        """A session of one transaction: committed when the block ends well, rolled back otherwise.

        What the block put into `afterwards` is done once it is committed, and only then.
        """
        with Session(self, context) as session, session.begin():
            yield session
            session.check_published()
        for act in session.afterwards:
            _do_afterwards(act)

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


def _do_afterwards(act: Callable[[], None]) -> None:
    """What was committed stays so, whatever becomes of this: it is tried again, and what fails is said aloud."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            act()
        except Exception as error:  # noqa: BLE001 - raised, it would say of what is done that it was not
            logger("db").error("afterwards_failed", attempt=attempt, last=attempt == ATTEMPTS, exc_info=error)
        else:
            return


class Session(OrmSession):
    """A SQLAlchemy session that knows on whose behalf it works."""

    def __init__(self, database: Database, context: Context) -> None:
        super().__init__(database.engine, expire_on_commit=False)
        self.context = context
        self.clock = database.clock
        self.directory = database.directory
        self.keyring = database.keyring
        self.settings = database.settings
        self.published: list[Aggregate] = []
        self.afterwards: list[Callable[[], None]] = []
        """Each opens a session of its own, of another tenant: no transaction sees two."""
        self._woken: set[tuple[str, str]] = set()
        self._locked: dict[UUID, tuple[UUID, ...]] = {}
        self._hashes: dict[UUID, str] = {}
        self.found: dict[UUID, tuple[str, dict[str, Json]]] = {}
        """The version and state of each aggregate as it was when it was locked."""
        # Held here, for SQLAlchemy forgets a row that nobody refers to, and with it that it was changed.
        self._rows: dict[UUID, Aggregate] = {}

    def one(self, kind: type[A], key: UUID) -> A:
        """The tenant's row, for reading; raises `NotFoundError`."""
        row = self.get(kind, (self.context.tenant_id, key))
        return self._visible(kind, key, row=row)

    def locked(self, kind: type[A], key: UUID) -> A:
        """The row, locked until the transaction ends; raises `NotFoundError`, or `PreconditionError` on If-Match."""
        if key in self._locked and isinstance(known := self._rows[key], kind):
            # Reading it again would throw away what this transaction has already changed.
            return known
        row = self.get(kind, (self.context.tenant_id, key), with_for_update=True, populate_existing=True)
        found = self._visible(kind, key, row=row)
        expected = self.context.expected
        if expected is not None and expected[0] == key and found.position not in expected[1]:
            raise PreconditionError.changed(found.etag)
        self._locked[key], self._rows[key] = tuple(found.party_ids), found
        self.found[key] = found.etag, state_of(found)
        self._hashes[key] = journal.hash_of(self.found[key][1])
        return found

    def _visible(self, kind: type[A], key: UUID, *, row: A | None) -> A:
        if row is None or self.context.party not in (self.context.tenant_id, *row.party_ids):
            raise NotFoundError.of(kind.called, key)
        return row

    def create(self, kind: type[A], *, parties: Sequence[UUID], nonce: str | None = None, **fields: Any) -> A:
        """A new aggregate whose home is this tenant; it exists for others once it is published."""
        row = journal.born(self, kind, parties=parties, nonce=nonce)
        for name, value in fields.items():
            setattr(row, name, value)
        self._locked[row.id], self._rows[row.id] = (), row
        return row

    def publish(self, row: Aggregate, change: Change) -> None:
        """Write row, journal entry and outbox; refuses an aggregate that is not locked in this transaction."""
        self.publish_all([(row, change)])

    def publish_all(self, changes: Sequence[tuple[Aggregate, Change]]) -> None:
        """The same for many rows, each of them once, with one statement per table instead of one per row."""
        for row, _change in changes:
            if row.id not in self._locked:
                raise RuntimeError(f"{row.kind} {row.id} is published without its lock")
        before = [(row, change, self._locked[row.id]) for row, change in changes]
        known = {row.id for row in self.published}
        for row, state in zip([row for row, _change in changes], journal.record_all(self, before), strict=True):
            self._hashes[row.id], self._locked[row.id] = state, tuple(row.party_ids)
        self.published += [row for row, _change in changes if row.id not in known]

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail by itself: what it did, here and in the database, is undone when the block raises."""
        context, kept = self.context, (self.published, self._woken, self._locked, self._hashes, self._rows)
        self.published, self._woken = list(kept[0]), set(kept[1])
        self._locked, self._hashes, self._rows = dict(kept[2]), dict(kept[3]), dict(kept[4])
        planned = len(self.afterwards)
        try:
            with self.begin_nested():
                yield
        except BaseException:
            self.published, self._woken, self._locked, self._hashes, self._rows = kept
            self.info.pop("audit", None)
            self.info.pop("audit_change", None)
            del self.afterwards[planned:]
            raise
        finally:
            self.context = context

    def wake(self, channel: str, payload: str) -> None:
        """NOTIFY at commit, once per transaction: a wake-up for those who also poll."""
        if (channel, payload) not in self._woken:
            self._woken.add((channel, payload))
            self.connection().execute(NOTIFY, {"channel": channel, "payload": payload})

    def write(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a prepared multi-row statement without the ORM's bookkeeping, which costs more than the statement."""
        if rows:
            self.connection().execute(statement, rows)

    def check_published(self) -> None:
        """A changed aggregate that was not published would never reach its parties: stop the commit instead."""
        for row in self._rows.values():
            if self._hashes.get(row.id) != journal.state_hash(row):
                raise RuntimeError(f"{row.kind} {row.id} was changed without being published")

    def check_flush(self) -> None:
        """The same for what `check_published` cannot see: aggregates written without their lock, or never published."""
        for row in [item for item in self.dirty if isinstance(item, Aggregate) and self.is_modified(item)]:
            if row.id not in self._locked:
                raise RuntimeError(f"{row.kind} {row.id} was changed without being published")
        for row in [item for item in self.new if isinstance(item, Aggregate) and item.version == 0]:
            raise RuntimeError(f"{row.kind} {row.id} was created without being published")


@event.listens_for(Session, "after_begin")
def _bind_tenant(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    context = session.context
    connection.execute(
        BIND,
        {
            "app_tenant_id": str(context.tenant_id),
            "app_scope": context.scope,
            "app_organisation_id": str(context.organisation_id or ""),
        },
    )


@event.listens_for(Session, "before_flush")
def _fill_tenant(session: Session, _flush: UOWTransaction, _instances: object) -> None:
    session.check_flush()
    for row in session.new:
        if isinstance(row, TenantRow):
            row.tenant_id = session.context.tenant_id
