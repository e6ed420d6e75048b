"""Isolation, generated from the live catalogue: every table × verb × whose row × role, tried for real."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import Parameter, signature
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from services.registry import MIGRATED, load
from shared.commands.forwarding import run_or_forward
from shared.commands.registry import COMMANDS, Command
from shared.core.context import PLATFORM, Context
from shared.core.errors import NotFoundError
from shared.core.settings import Settings
from shared.journal.session import Database
from tests.builders.databases import Clone
from tests.isolation.catalogue import LOOKED_AT, Board, bind, insert

SCHEMAS = ["shared", *MIGRATED]
load()


@pytest.fixture(scope="module")
def board(new_database: Clone) -> Board:
    return Board.seeded(new_database(), SCHEMAS)


def change(settings: Settings, statement: str) -> None:
    """Break a promise, as a careless migration would."""
    with psycopg.connect(settings.url("owner")) as owner:
        owner.execute(sql.SQL(statement))


def test_every_table_shows_each_role_only_what_the_rule_allows(board: Board) -> None:
    assert len(board.cases()) == len(board.tables) * 4 * 4 * 4 > 1000
    assert board.violations() == []


def readable(settings: Settings) -> dict[str, set[str]]:
    """The columns that the relay may read of each table it looks at."""
    granted = """SELECT table_schema || '.' || table_name, column_name FROM information_schema.column_privileges
        WHERE grantee = 'xietong_relay' AND privilege_type = 'SELECT'"""
    found: dict[str, set[str]] = {name: set() for name in LOOKED_AT}
    with psycopg.connect(settings.url("owner")) as owner:
        for table, column in owner.execute(granted):
            found.get(table, set()).add(column)
    return found


def test_whoever_looks_what_is_due_reads_whose_it_is_and_since_when_and_nothing_else(board: Board) -> None:
    times = {"next_at", "ask_at", "applied_at", "waits_since", "sent_at", "expires_at", "created_at", "executed_at",
             "received_at", "numbered_at"}  # fmt: skip
    counts = {"attempts", "status", "version", "position", "chain"}
    for table, columns in readable(board.settings).items():
        assert "tenant_id" in columns, table
        assert columns <= {"tenant_id"} | times | counts, table


@pytest.mark.parametrize(
    ("table", "settled"),
    [
        ("heads", {"waiting": "{}"}),
        ("progress", {"status": "in_step"}),
        ("commands", {"state": "done"}),
        ("broadcasts", {"position": 1}),
        ("signing_keys", {"active_at": "2026-01-01T00:00:00Z"}),
        ("files", {"cited_at": "2026-01-01T00:00:00Z"}),
        ("executions", {"answer": '{"problem": {"code": "expires_too_late"}}'}),
    ],
)
def test_whoever_looks_sees_no_row_that_waits_for_nothing(board: Board, table: str, settled: dict[str, Any]) -> None:
    named = next(one for one in board.tables if one.name == f"shared.{table}")
    tenant = uuid4()
    with psycopg.connect(board.settings.url("worker")) as worker:
        bind(worker, tenant)
        insert(worker, named, named.new_row(tenant) | settled)
    with psycopg.connect(board.settings.url("relay")) as relay:
        seen = sql.SQL("SELECT 1 FROM {} WHERE tenant_id = {}").format(named.identifier, tenant)
        assert relay.execute(seen).fetchall() == []


@pytest.mark.parametrize(
    ("mistake", "noticed"),
    [
        ("DROP POLICY shared_journal_tenant ON shared.journal", "app select shared.journal (own): nothing"),
        ("ALTER TABLE parks.parks DISABLE ROW LEVEL SECURITY", "app select parks.parks (other): done"),
        ("ALTER TABLE parks.parks NO FORCE ROW LEVEL SECURITY", "owner select parks.parks (own): done"),
        ("CREATE POLICY kind ON shared.texts USING (true)", "worker delete shared.texts (other): done"),
        ("GRANT INSERT ON shared.heard_cells TO xietong_app", "app insert shared.heard_cells (own): done"),
        ((
                "GRANT SELECT ON parks.parks TO xietong_relay; CREATE POLICY all_of_it ON parks.parks TO xietong_relay"
         " USING (true)"
            ), "relay select parks.parks (none): done"),
    ],
    ids=["policy dropped", "security disabled", "force removed", "policy added", "grant on a register",
         "relay sees more"],
)  # fmt: skip
def test_a_promise_that_is_broken_is_noticed(new_database: Clone, mistake: str, noticed: str) -> None:
    board = Board.seeded(new_database(), SCHEMAS)
    change(board.settings, mistake)
    assert noticed in board.violations(noticed.split()[2])


def test_a_new_table_without_a_policy_is_noticed(new_database: Clone) -> None:
    settings = new_database()
    change(settings, "CREATE TABLE parks.notes (tenant_id uuid PRIMARY KEY)")
    change(settings, "GRANT SELECT, INSERT ON parks.notes TO xietong_app, xietong_worker")
    assert "app select parks.notes (other): done" in Board.seeded(settings, SCHEMAS).violations("parks.notes")


def test_a_key_that_is_global_is_noticed(new_database: Clone) -> None:
    settings = new_database()
    change(settings, "CREATE UNIQUE INDEX global_code ON tenants.tenants (code)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        Board.seeded(settings, SCHEMAS)


@pytest.mark.parametrize("role", ["app", "worker"])
def test_no_row_can_be_moved_to_another_tenant(board: Board, role: str) -> None:
    with psycopg.connect(board.settings.url(role), autocommit=True) as connection:
        for table in (table for table in board.tables if table.of_tenants):
            move = sql.SQL("UPDATE {} SET tenant_id = {}").format(table.identifier, uuid4())
            with pytest.raises(InsufficientPrivilege), connection.transaction():
                bind(connection, board.own)
                connection.execute(move)


def test_a_tenant_set_for_longer_than_a_transaction_is_replaced_by_the_next_session(board: Board) -> None:
    database = Database(board.settings, "app", pool=1)
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        bind(raw, board.other, for_transaction=False)
        connection.commit()
    with database.session(Context(tenant_id=board.own, actor_id="tester")) as session:
        seen = session.connection().exec_driver_sql("SELECT DISTINCT tenant_id FROM parks.parks").scalars().all()
    database.close()
    assert seen == [board.own]


@pytest.fixture(scope="module")
def alone(board: Board) -> dict[str, UUID]:
    """Of every table of aggregates one row that `board.own` has and `board.other` has not."""
    found = {}
    with psycopg.connect(board.settings.url("worker")) as worker:
        bind(worker, board.own)
        for table in board.tables:
            row = table.new_row(board.own)
            if table.of_tenants and "id" in row and "home_id" in row:
                found[table.name] = row["id"]
                insert(worker, table, row | ({"party_ids": [board.own]} if "party_ids" in row else {}))
    return found


def minimal(command: Command) -> dict[str, Any]:
    """An argument for every parameter that needs one; none is looked at before the thing itself."""
    keywords = [item for item in signature(command.run).parameters.values() if item.kind is Parameter.KEYWORD_ONLY]
    needed = [item for item in keywords if item.default is Parameter.empty]
    return {item.name: uuid4() if item.annotation == "UUID" else None for item in needed}


@pytest.fixture(scope="module")
def database(board: Board, request: pytest.FixtureRequest) -> Iterator[Database]:
    made = Database(board.settings, request.param, pool=1)
    yield made
    made.close()


@pytest.mark.parametrize("database", ["app"], indirect=True)
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_command_finds_what_another_tenant_has(
    board: Board, database: Database, alone: dict[str, UUID], name: str
) -> None:
    command = COMMANDS[name]
    stranger = Context(tenant_id=board.other, actor_id="tester")
    with pytest.raises(NotFoundError), database.session(stranger) as session:
        key = alone[str(command.kind.__table__)]
        run_or_forward(session, command, key=key, arguments=minimal(command))


@pytest.mark.parametrize("database", ["worker"], indirect=True)
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_command_of_a_stranger_finds_anything_at_home(
    board: Board, database: Database, alone: dict[str, UUID], name: str
) -> None:
    command = COMMANDS[name]
    # Commands on tenants refuse everybody but the platform before they look.
    sender = PLATFORM if command.kind.kind == "tenants.tenant" else board.other
    forwarded = Context(tenant_id=board.own, acting_id=sender, actor_id="tester")
    with pytest.raises(NotFoundError), database.session(forwarded) as session:
        command.run(session, alone[str(command.kind.__table__)], **minimal(command))


@pytest.mark.parametrize("role", ["app", "worker", "relay"])
@pytest.mark.parametrize(
    "statement",
    ["CREATE TEMPORARY TABLE kept (a int)", "SELECT lo_create(0)", "SELECT lo_creat(-1)",
     "SELECT lo_from_bytea(0, 'a')",
     "CREATE TABLE public.kept (a int)", "CREATE SCHEMA kept"],
)  # fmt: skip
def test_no_role_keeps_anything_beside_the_tables(settings: Settings, role: str, statement: str) -> None:
    with psycopg.connect(settings.url(role)) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(sql.SQL(statement))
