"""Sessions bound to one tenant: row-level security shows them nothing else. What they publish is the journal's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Connection, Executable, Text, bindparam, event, func, select
from sqlalchemy.orm import ORMExecuteState, SessionTransaction, UOWTransaction
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm.attributes import instance_state, manager_of_class
from sqlalchemy.orm.util import identity_key
from sqlalchemy.sql.dml import Insert

from events.entry import Actor
from shared.core.context import Context
from shared.core.errors import NotFoundError
from shared.database.connections import Connections
from shared.database.many import many_rows, one_row
from shared.database.prepared import Parameters, Prepared, Statement, by_key, send, translated, updating
from shared.database.rows import Aggregate, Row, TenantRow

A = TypeVar("A", bound=Aggregate)
T = TypeVar("T", bound=TenantRow)
NOTIFY = "SELECT pg_notify(%(channel)s, %(payload)s)"
COMMIT: Statement = "COMMIT", {}
MOST_UNSENT = 20
"""Statements: so many go by themselves."""
IS_LOCAL = True
BIND = Prepared(
    lambda: select(
        *(
            func.set_config(name, bindparam(name.replace(".", "_"), type_=Text()), IS_LOCAL)
            for name in ("app.tenant_id", "app.scope", "app.organisation_id")
        )
    )
)
"""Binds the transaction to a tenant."""


class TenantSession(OrmSession):
    """A SQLAlchemy session that knows on whose behalf it works."""

    _undone: ClassVar[tuple[str, ...]] = ("_woken", "afterwards", "_inserted")
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
        self.unsent: list[Statement] = []
        """What is written and goes with the next question or the commit, all in one round trip."""
        # Held here, for SQLAlchemy forgets a row that nobody refers to.
        self._held: list[Row] = []
        # Without the ORM, which would forget by itself those of a savepoint that is rolled back.
        self._inserted: list[Row] = []
        self.bound: Connection | None = None
        """The connection of the transaction that has begun."""
        self._first: tuple[Prepared, Mapping[str, Any]] | None = None
        self._answered: Sequence[bytes | None] = ()

    def one(self, kind: type[T], key: UUID | str, *, lock: bool = False, by: Actor | None = None) -> T:
        """The tenant's row; raises `NotFoundError`, also where whoever acts (`by`, or the context's actor) is no party.

        `lock` holds it until the transaction ends; an aggregate is locked by `locked`, which sees what it was.
        """
        party, tenant = self.context.party if by is None else by.tenant, self.context.tenant_id
        identity = identity_key(kind, (tenant, key))
        row: T | None = self.identity_map.get(identity)
        if row is None or (lock and not self.is_modified(row)):
            # The ORM's query costs ten times what the SQL does.
            self.flush()
            query = by_key(kind)
            found = (query.locking if lock else query.reading).rows(self, tenant=tenant, key=key)
            if found and row is None:
                # As the ORM's own loading makes a row the session's.
                row = manager_of_class(kind).new_instance()
                state = instance_state(row)
                state.key, state.session_id = identity, self.hash_key
                self.identity_map.add(state)
                self._held.append(row)
            row = row if found else None
            if row is not None:
                row.__dict__.update(zip(query.names, found[0], strict=True))
        else:
            row = self.get(kind, (tenant, key), with_for_update=lock or None, populate_existing=lock)
        if row is None or (isinstance(row, Aggregate) and party not in (tenant, *row.party_ids)):
            raise NotFoundError.of(kind.called, key)
        return row

    def start(self, _transaction: SessionTransaction, connection: Connection) -> None:
        """Bind the transaction, or its savepoint, to the tenant, before anything else is asked in it."""
        context = self.context
        driver: Any = connection.connection.driver_connection
        bind = {
            "app_tenant_id": str(context.tenant_id),
            "app_scope": context.scope,
            "app_organisation_id": str(context.organisation_id or ""),
        }
        self.bound = connection
        if driver.pgconn.transaction_status != TransactionStatus.IDLE:
            BIND.rows(self, **bind)
            return
        cursor, asked = psycopg.ClientCursor(driver), [(BIND, bind), *([self._first] if self._first else [])]
        texts = [cursor.mogrify(query.compiled.sql, {**query.compiled.given, **given}) for query, given in asked]
        sql = "; ".join(("BEGIN", *texts))
        try:
            result = driver.pgconn.exec_(sql.encode())
            if result.status != ExecStatus.TUPLES_OK:
                raise error_from_result(result)
        except psycopg.Error as error:
            raise translated(connection, sql, error=error) from error
        self._answered = [result.get_value(0, place) for place in range(result.nfields)] if result.ntuples else []
        self._first = None

    def ask_first(self, query: Prepared, **values: Any) -> Sequence[bytes | None]:
        """Begin the transaction with this query, in one message: its first row, as PostgreSQL writes it.

        The driver must write the values as they are: texts, numbers, ids and times.
        """
        if self.bound is not None and self.bound.in_transaction():
            raise RuntimeError("the transaction has begun already")
        self._first = query, values
        self.connection()
        return self._answered

    def connection(self, *given: Any, **options: Any) -> Connection:
        """The transaction's connection, once all that was written before has been sent."""
        connection = super().connection(*given, **options)
        self.send()
        return connection

    def begin_nested(self) -> SessionTransaction:
        """A savepoint; what was written before is no part of it."""
        self.send()
        return super().begin_nested()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail by itself: what it did, here and in the database, is undone when the block raises."""
        kept = {name: copy(getattr(self, name)) for name in self._undone}
        try:
            with self.begin_nested():
                yield
        except BaseException:
            for row in self._inserted[len(kept["_inserted"]) :]:
                self.expunge(row)
            # The ORM would read anew what it wrote itself, and nothing else.
            self.expire_all()
            for name, value in kept.items():
                setattr(self, name, value)
            self.info.pop("audit", None)
            self.info.pop("audit_change", None)
            raise

    def wake(self, channel: str, payload: str) -> None:
        """NOTIFY at commit, once per transaction: a wake-up for those who also poll."""
        if (channel, payload) not in self._woken:
            self._woken.add((channel, payload))
            self._add(NOTIFY, {"channel": channel, "payload": payload})

    def update(self, row: Aggregate) -> None:
        """Write what was changed of a row that is the session's, as its next flush would do in ten times the time."""
        state = instance_state(row)
        attributes = state.mapper.column_attrs
        names = frozenset(one.key for one in attributes) - state.unmodified
        if state.persistent and names:
            values = {name: getattr(row, name) for name in names}
            self.run(updating(type(row), names), tenant=row.tenant_id, key=row.id, **values)
            for one in attributes:
                if one.columns[0].computed is not None:
                    state.dict.pop(one.key, None)
            state._commit_all(state.dict, self.identity_map)  # noqa: SLF001 - what the ORM does once it has written it

    def write(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a prepared multi-row statement without the ORM's bookkeeping, which costs more than the statement."""
        if not rows:
            return
        if not isinstance(statement, Insert) or statement.select is not None:
            self.connection().execute(statement, rows)
        elif len(rows) == 1:
            self.run(one_row(statement, tuple(rows[0])), **rows[0])
        else:
            made = many_rows(statement, tuple(rows[0]))
            self._add(made.sql, made.parameters(rows))

    def run(self, statement: Prepared, **values: Any) -> None:
        """Run a prepared statement whose rows nobody reads."""
        self._add(*statement.with_values(values))

    def send(self, *after: Statement) -> None:
        """Send what was written, and this `after` it; its errors are told here."""
        if self.unsent:
            unsent, self.unsent = self.unsent, []
            send(self.connection(), [*unsent, *after])

    def _add(self, sql: str, parameters: Parameters) -> None:
        self.unsent.append((sql, parameters))
        if len(self.unsent) >= MOST_UNSENT:
            self.send()


event.listen(TenantSession, "after_begin", TenantSession.start)


@event.listens_for(TenantSession, "do_orm_execute")
def _send_before(asked: ORMExecuteState) -> None:
    """What is asked sees what was written."""
    session: Any = asked.session
    session.send()


@event.listens_for(TenantSession, "before_commit")
def _finish(session: TenantSession) -> None:
    """What was written goes with the COMMIT, after what the ORM holds; that of a savepoint before it is released."""
    session.flush()
    session.send(*(() if session.in_nested_transaction() else (COMMIT,)))


@event.listens_for(TenantSession, "after_soft_rollback")
def _forget(session: TenantSession, _rolled_back: SessionTransaction) -> None:
    session.unsent.clear()


@event.listens_for(TenantSession, "before_flush")
def _fill_tenant(session: TenantSession, _flush: UOWTransaction, _instances: object) -> None:
    session.send()
    for row in session.new:
        if isinstance(row, TenantRow):
            row.tenant_id = session.context.tenant_id
