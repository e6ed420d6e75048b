"""What migrations are made of: policies and grants beside their table, and the runner of every chain."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from sqlalchemy import NullPool, create_engine, text

APP, RELAY, WORKER = "xietong_app", "xietong_relay", "xietong_worker"
TENANT = "tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)"
"""One look-up per statement; the setting is '' after a commit, not NULL."""
ORGANISATION = """case (select current_setting('app.scope', true))
  when 'tenant' then true
  when 'organisation' then
    organisation_id = (select nullif(current_setting('app.organisation_id', true), '')::uuid)
  else false end"""


def open_schema(name: str) -> None:
    """Let the three roles name things in this schema."""
    op.execute(f"GRANT USAGE ON SCHEMA {name} TO {APP}, {RELAY}, {WORKER}")


def protect(table: str, *, rights: str = "SELECT, INSERT, UPDATE, DELETE", organisation: bool = False) -> None:
    """Force row-level security: app and worker see and write only rows of the tenant they are bound to."""
    name = table.replace(".", "_")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {name}_tenant ON {table} TO {APP}, {WORKER} USING ({TENANT}) WITH CHECK ({TENANT})")
    if organisation:
        op.execute(
            f"CREATE POLICY {name}_organisation ON {table} AS RESTRICTIVE TO {APP}, {WORKER}"
            f" USING ({ORGANISATION}) WITH CHECK ({ORGANISATION})"
        )
    op.execute(f"GRANT {rights} ON {table} TO {APP}, {WORKER}")


def publish_register(table: str) -> None:
    """A register: everybody in the cell reads it, the worker alone writes it."""
    op.execute(f"GRANT SELECT ON {table} TO {APP}, {RELAY}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {WORKER}")


def index_lists(table: str, *columns: str, key: str = "id") -> None:
    """Let a tenant's rows be listed in order of each of these columns, and from where a page ended."""
    for column in columns:
        name = f"ix_{table.partition('.')[2]}_by_{column}"
        op.execute(f"CREATE INDEX {name} ON {table} (tenant_id, {column}, {key})")


AGGREGATE_COLUMNS = """
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    home_id uuid NOT NULL,
    epoch integer NOT NULL,
    version integer NOT NULL,
    entry_hash text NOT NULL,
    party_ids uuid[] NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)"""
"""The machine's own columns of an aggregate's table."""

REGISTER_COLUMNS = """
    id uuid PRIMARY KEY, epoch integer NOT NULL, version integer NOT NULL, entry_hash text NOT NULL,
    state jsonb NOT NULL, entry bytea NOT NULL, signature text NOT NULL, received_at timestamptz NOT NULL"""
"""Those of a register's."""


def migrate(url: str, chains: Iterable[str]) -> None:
    """Bring every chain (`shared` first, then services) to its newest revision; each keeps its place in its schema."""
    for chain in ("shared", *chains):
        with create_engine(url, poolclass=NullPool).connect() as connection:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {chain}"))
            connection.commit()
            config = chain_config(chain)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()


def chain_config(chain: str) -> Config:
    """Alembic's configuration of one chain."""
    machine = Path(str(files("shared.database"))) / "migrations"
    versions = machine / "versions" if chain == "shared" else Path(str(files(f"services.{chain}"))) / "migrations"
    config = Config()
    # Alembic reads these through configparser, where a lone % would start an interpolation.
    config.set_main_option("script_location", str(machine).replace("%", "%%"))
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["chain"] = chain
    return config
