"""The live catalogue: isolation stands in the database, and the mapped classes say what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.dialects import postgresql

from services.registry import MIGRATED, load
from shared.core.settings import Settings
from shared.database.rows import Row, TenantRow

SCHEMAS = ["shared", *MIGRATED]
load()

TENANT_TABLES = """
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE n.nspname = ANY (:schemas) AND c.relkind IN ('r', 'p')"""


@pytest.fixture(scope="module")
def catalogue(settings: Settings) -> Iterator[Connection]:
    engine = create_engine(settings.url("owner"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def found(catalogue: Connection, query: str) -> list[Any]:
    return list(catalogue.execute(text(query), {"schemas": SCHEMAS}).scalars())


def test_every_tenant_table_forces_row_level_security(catalogue: Connection) -> None:
    assert len(found(catalogue, TENANT_TABLES)) > 10
    assert found(catalogue, f"""
        SELECT oid::regclass::text FROM pg_class
        WHERE oid IN ({TENANT_TABLES}) AND NOT (relrowsecurity AND relforcerowsecurity)""") == []  # fmt: skip


def test_every_tenant_table_has_a_policy_on_its_tenant_for_reading_and_writing(catalogue: Connection) -> None:
    assert found(catalogue, f"""
        SELECT t.oid::regclass::text FROM ({TENANT_TABLES}) t (oid) WHERE NOT EXISTS (
            SELECT FROM pg_policies p WHERE format('%I.%I', p.schemaname, p.tablename)::regclass = t.oid
            AND p.cmd = 'ALL' AND p.roles @> ARRAY['xietong_app', 'xietong_worker']::name[]
            AND p.qual LIKE '%tenant_id = ( SELECT%app.tenant_id%' AND p.with_check = p.qual)""") == []  # fmt: skip


def test_every_table_that_belongs_to_organisations_is_restricted_to_them(catalogue: Connection) -> None:
    assert found(catalogue, f"""
        SELECT a.attrelid::regclass::text FROM pg_attribute a
        WHERE a.attrelid IN ({TENANT_TABLES}) AND a.attname = 'organisation_id' AND NOT EXISTS (
            SELECT FROM pg_policy p WHERE p.polrelid = a.attrelid AND NOT p.polpermissive)""") == []  # fmt: skip


def test_keys_and_uniques_of_tenant_tables_begin_with_the_tenant(catalogue: Connection) -> None:
    # A global unique key would reveal another tenant's row.
    assert found(catalogue, f"""
        SELECT i.indexrelid::regclass::text FROM pg_index i
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid IN ({TENANT_TABLES}) AND i.indisunique
        AND a.attname IS DISTINCT FROM 'tenant_id'""") == []  # fmt: skip


def test_every_tenant_table_has_a_primary_key(catalogue: Connection) -> None:
    assert found(catalogue, f"""
        SELECT t.oid::regclass::text FROM ({TENANT_TABLES}) t (oid)
        WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary)""") == []  # fmt: skip


def test_foreign_keys_of_tenant_tables_begin_with_the_tenant(catalogue: Connection) -> None:
    assert found(catalogue, f"""
        SELECT c.conname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.conrelid IN ({TENANT_TABLES}) AND a.attname <> 'tenant_id'""") == []  # fmt: skip


def test_a_table_of_no_tenant_is_never_written_by_the_app_role(catalogue: Connection) -> None:
    assert found(catalogue, f"""
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY (:schemas) AND c.relkind = 'r' AND c.oid NOT IN ({TENANT_TABLES})
        AND has_table_privilege('xietong_app', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')""") == []  # fmt: skip


def test_nobody_but_the_owner_may_truncate_or_get_round_row_level_security(catalogue: Connection) -> None:
    assert found(catalogue, f"""
        SELECT r.rolname || ' ' || c.oid::regclass FROM pg_roles r, pg_class c
        WHERE r.rolname IN ('xietong_app', 'xietong_relay', 'xietong_worker') AND c.oid IN ({TENANT_TABLES})
        AND (r.rolbypassrls OR r.rolsuper OR has_table_privilege(r.oid, c.oid, 'TRUNCATE')
             OR c.relowner = r.oid)""") == []  # fmt: skip


def test_no_view_nor_function_runs_with_its_owners_rights(catalogue: Connection) -> None:
    assert found(catalogue, """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY (:schemas) AND c.relkind IN ('v', 'm')
        UNION ALL SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = ANY (:schemas) AND p.prosecdef""") == []  # fmt: skip


def _described(columns: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, bool]]:
    # A generated column is null or not as its expression is, whatever either side says.
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return {
        item["name"]: (item["type"].compile(dialect), bool(item["nullable"]) or item.get("computed") is not None)
        for item in columns
    }


def _mapped(table: Any) -> list[dict[str, Any]]:
    return [
        {"name": item.name, "type": item.type, "nullable": item.nullable, "computed": item.computed}
        for item in table.columns
    ]


@pytest.mark.parametrize("table", Row.metadata.sorted_tables, ids=str)
def test_a_mapped_class_says_what_the_migrations_made(catalogue: Connection, table: Any) -> None:
    live = inspect(catalogue)
    assert _described(_mapped(table)) == _described(live.get_columns(table.name, schema=table.schema))
    keys = live.get_pk_constraint(table.name, schema=table.schema)["constrained_columns"]
    assert {column.name for column in table.primary_key} == set(keys)


def test_every_table_is_mapped(catalogue: Connection) -> None:
    mapped = {str(table) for table in Row.metadata.sorted_tables}
    names = [f"{schema}.{name}" for schema in SCHEMAS for name in inspect(catalogue).get_table_names(schema=schema)]
    assert [name for name in names if name not in mapped and not name.endswith("_revision")] == []


def test_every_tenant_table_is_mapped_as_a_row_of_a_tenant() -> None:
    mapped = {mapper.local_table for mapper in Row.registry.mappers if issubclass(mapper.class_, TenantRow)}
    assert [str(table) for table in Row.metadata.sorted_tables if "tenant_id" in table.c and table not in mapped] == []
