"""Every table of the live catalogue, tried for real as every role: what happens, and what may happen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, NamedTuple, get_args
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, UniqueViolation

from shared.broadcasts.completeness import Gap, KnownCell, KnownHome, Lapse
from shared.core.settings import Settings
from shared.database.registers import RegisterEntry
from shared.database.rows import Register, Row

Verb = Literal["select", "insert", "update", "delete"]
Whose = Literal["own", "other", "none", "spent"]
"""`none`: no tenant is set; `spent`: it was, until the transaction before ended."""
Role = Literal["app", "worker", "relay", "owner"]
Outcome = Literal["done", "nothing", "denied"]

PRUNED = {"shared.executions"}
"""What only the worker may drop, once it is old."""
APPEND_ONLY = {"shared.journal", "shared.executions", "shared.outbox", "shared.audit_log"}
RELAY: Mapping[str, tuple[Verb, ...]] = {
    "shared.outbox": ("select", "delete"),
    "shared.timers": ("select",),
    "shared.reactions": ("select",),
}
LOOKED_AT = {
    "shared.audit_inbox", "shared.broadcast_logs", "shared.broadcasts", "shared.commands", "shared.executions",
    "shared.exports", "shared.files", "shared.heads", "shared.idempotency", "shared.progress", "shared.signing_keys",
}  # fmt: skip
"""Of these the relay sees whose rows wait, and since when: not one that waits for nothing."""
WORKER_ALONE = {"shared.rejects"}
SEQUENCED = {"shared.audit_log"}
"""Tenants' rows that the worker alone adds."""


def registers() -> set[str]:
    """Tables that everybody in the cell reads."""
    kinds = Register | RegisterEntry | Gap | KnownCell | KnownHome | Lapse
    return {str(mapper.local_table) for mapper in Row.registry.mappers if issubclass(mapper.class_, kinds)}


class Column(NamedTuple):
    """A column that a row must name.

    `choice` is the first value its CHECK constraint allows, `members` are what generated columns take out of it.
    """

    name: str
    type: str
    choice: str | None
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One live table with what a new row of it must name."""

    name: str
    columns: tuple[Column, ...]

    @property
    def of_tenants(self) -> bool:
        return any(column.name == "tenant_id" for column in self.columns)

    @property
    def is_note_of_migrations(self) -> bool:
        return self.name.endswith("_revision")

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(*self.name.split("."))

    def new_row(self, tenant: UUID) -> dict[str, Any]:
        row = {column.name: _value(column) for column in self.columns}
        return row | ({"tenant_id": tenant} if self.of_tenants else {})


class Case(NamedTuple):
    """One square of the board."""

    table: Table
    verb: Verb
    whose: Whose
    role: Role

    def __str__(self) -> str:
        return f"{self.role} {self.verb} {self.table.name} ({self.whose})"


def allowed(case: Case) -> set[Outcome]:
    """The whole rule. Own rows may be closed to a verb; others' are never reached."""
    if not case.table.of_tenants:
        return _allowed_without_tenant(case)
    if case.role == "relay":
        return _allowed_to_relay(case)
    if case.role == "owner" or case.whose != "own":
        return {"denied"} if case.verb == "insert" else {"nothing", "denied"}
    if case.table.name in SEQUENCED and case.role == "app" and case.verb == "insert":
        return {"denied"}
    if case.verb in ("select", "insert"):
        return {"done"}
    return _allowed_on_own(case)


def _allowed_to_relay(case: Case) -> set[Outcome]:
    if case.verb == "select" and case.table.name in LOOKED_AT:
        return {"done", "nothing"}
    return {"done"} if case.verb in RELAY.get(case.table.name, ()) else {"denied"}


def _allowed_on_own(case: Case) -> set[Outcome]:
    if case.table.name in PRUNED and (case.role, case.verb) == ("worker", "delete"):
        return {"done"}
    return {"denied"} if case.table.name in APPEND_ONLY else {"done", "denied"}


def _allowed_without_tenant(case: Case) -> set[Outcome]:
    # The owner migrates: tables of no tenant are its own.
    writers = {"owner", "worker"} if case.table.name in registers() | WORKER_ALONE else {"owner"}
    readers = {"app", "relay", *writers} if case.table.name in registers() else writers
    return {"done"} if case.role in (readers if case.verb == "select" else writers) else {"denied"}


def tables(owner: psycopg.Connection, schemas: list[str]) -> list[Table]:
    """The tables of these schemas as they are now."""
    found = owner.execute(
        """SELECT c.oid, c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p') ORDER BY 2""",
        [schemas],
    )
    return [Table(name, tuple(_columns(owner, oid))) for oid, name in found.fetchall()]


def _columns(owner: psycopg.Connection, table: int) -> Iterator[Column]:
    checks = owner.execute(
        "SELECT conkey[1], pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = %s"
        " AND cardinality(conkey) = 1",
        [table],
    ).fetchall()
    choices = {number: literal[1] for number, text in checks if (literal := re.search(r"'([^']*)'", text))}
    generated = owner.execute(
        "SELECT coalesce(string_agg(pg_get_expr(adbin, adrelid), ' '), '') FROM pg_attrdef WHERE adrelid = %s", [table]
    ).fetchone()
    needed = owner.execute(
        """SELECT attnum, attname, format_type(atttypid, NULL) FROM pg_attribute
        WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped AND (attnotnull OR attname = 'id')
        AND attgenerated = '' ORDER BY attnum""",
        [table],
    )
    for number, name, kind in needed.fetchall():
        members = re.findall(rf"\b{name} ->> '(\w+)'", generated[0] if generated else "")
        yield Column(name, kind, choices.get(number), tuple(members))


def _value(column: Column) -> Any:
    if column.choice is not None:
        return column.choice
    fresh = uuid4()
    # An entry, as far as the database itself reads it.
    entry = json.dumps({"actor": {"tenant": str(fresh), "id": fresh.hex}}).encode()
    values = {
        "uuid": fresh, "text": fresh.hex, "character varying": fresh.hex, "integer": fresh.int % 2**30,
        "bigint": fresh.int % 2**60, "bytea": entry, "boolean": True, "numeric": 1,
        "jsonb": json.dumps(dict.fromkeys(column.members, fresh.hex)),
        "timestamp with time zone": "2026-01-01T00:00:00Z", "date": "2026-01-01", "text[]": [], "uuid[]": [],
    }  # fmt: skip
    return values[column.type]


def insert(connection: psycopg.Connection, table: Table, row: Mapping[str, Any]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    marks = sql.SQL(", ").join(map(sql.Placeholder, row))
    connection.execute(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table.identifier, names, marks), row)


def bind(connection: psycopg.Connection, tenant: UUID, *, for_transaction: bool = True) -> None:
    """As the platform's sessions do it."""
    connection.execute(
        "SELECT set_config('app.tenant_id', %s, %s), set_config('app.scope', 'tenant', %s)",
        [str(tenant), for_transaction, for_transaction],
    )


@dataclass(frozen=True)
class Board:
    """A database with rows of two tenants in every table; both tenants' rows are equal in all but `tenant_id`."""

    settings: Settings
    tables: list[Table]
    own: UUID
    other: UUID

    @classmethod
    def seeded(cls, settings: Settings, schemas: list[str]) -> Board:
        """Written by the worker, which may write everything but the migrations' own notes."""
        with psycopg.connect(settings.url("owner")) as owner:
            board = cls(settings, tables(owner, schemas), uuid4(), uuid4())
        rows = {table: table.new_row(board.own) for table in board.tables if not table.is_note_of_migrations}
        with psycopg.connect(settings.url("worker")) as worker:
            bind(worker, board.own)
            for table, row in rows.items():
                insert(worker, table, row)
            bind(worker, board.other)
            for table, row in rows.items():
                # Were a unique key global, it would refuse this, and so reveal the other tenant's row.
                if table.of_tenants:
                    insert(worker, table, row | {"tenant_id": board.other})
        return board

    def cases(self) -> list[Case]:
        squares = product(self.tables, get_args(Verb), get_args(Whose), get_args(Role))
        return [Case(*square) for square in squares]

    def violations(self, *names: str) -> list[str]:
        """Every case that ends otherwise than the rule allows; of the tables of these names, or of all."""
        found, cases = [], [case for case in self.cases() if not names or case.table.name in names]
        for role in get_args(Role):
            with psycopg.connect(self.settings.url(role), autocommit=True) as connection:
                for case in (case for case in cases if case.role == role):
                    outcome = self.outcome(connection, case)
                    if outcome not in allowed(case):
                        found.append(f"{case}: {outcome}")
        return found

    def outcome(self, connection: psycopg.Connection, case: Case) -> Outcome:
        """Do it, and undo it."""
        if case.whose == "spent":
            with connection.transaction():
                bind(connection, self.own)
        try:
            with connection.transaction(force_rollback=True):
                if case.whose in ("own", "other"):
                    bind(connection, self.own)
                return "done" if self._rows(connection, case) else "nothing"
        except InsufficientPrivilege:
            return "denied"
        except UniqueViolation:
            # Policies are checked before keys: it got past them.
            return "done"

    def _rows(self, connection: psycopg.Connection, case: Case) -> int:
        table = case.table
        target = self.other if case.whose == "other" else self.own
        if case.verb == "insert":
            insert(connection, table, table.new_row(target))
            return 1
        where = sql.SQL("tenant_id = {}").format(target) if table.of_tenants else sql.SQL("true")
        column = sql.Identifier(self._writable(connection, table))
        statement = {
            "select": sql.SQL("SELECT 1 FROM {table} WHERE {where}"),
            "update": sql.SQL("UPDATE {table} SET {column} = {column} WHERE {where}"),
            "delete": sql.SQL("DELETE FROM {table} WHERE {where}"),
        }[case.verb]
        return connection.execute(statement.format(table=table.identifier, where=where, column=column)).rowcount

    def _writable(self, connection: psycopg.Connection, table: Table) -> str:
        """A column the role was granted, if there is one: an UPDATE must not fail for want of the right column."""
        found = connection.execute(
            """SELECT attname FROM pg_attribute
            WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            ORDER BY has_column_privilege(attrelid, attnum, 'UPDATE') DESC, attname = 'tenant_id', attnum LIMIT 1""",
            [table.name],
        ).fetchone()
        assert found is not None
        return str(found[0])
