"""Many tenants in a moment: every row of one that is at work, written again under other names by one statement a table.

The copies count as tenants of the cell in everything it does by itself; nobody works in them, for their private keys
are copies that do not open, and none has broadcast anything: what they said before would have to be signed anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from psycopg import sql

from benchmarks.stage import Stage
from events.entry import aggregate_id
from shared.core.context import PLATFORM

TABLES = """
SELECT format('%%I.%%I', table_schema, table_name), array_agg(column_name::text ORDER BY ordinal_position)
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = ANY(%s) AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
  AND table_name <> ALL(ARRAY['outbox', 'broadcasts', 'broadcast_logs', 'heard_homes', 'register_gaps'])
GROUP BY table_schema, table_name"""
SCHEMAS = ["shared", "tenants", "identity"]
OWN = "SELECT aggregate_id::text FROM shared.progress WHERE tenant_id = %s AND home_id = tenant_id"
KEYS = "SELECT key FROM shared.signing_keys WHERE tenant_id = %s"
CROWD = "CREATE TEMPORARY TABLE crowd AS SELECT * FROM unnest(%s::uuid[], %s::text[]) AS made (id, code)"
COPY = """
INSERT INTO {table} ({columns}) SELECT {chosen} FROM {table} AS known, crowd AS made,
LATERAL jsonb_populate_record(NULL::{table}, {renamed}::jsonb) AS new
WHERE to_jsonb(known)::text LIKE ANY ({patterns}) ON CONFLICT DO NOTHING"""


def crowd(stage: Stage, count: int) -> None:
    """So many tenants more, and the one they are copies of; relay and worker must rest."""
    with stage.running():
        [template] = stage.tenants("template")
        stage.settle()
    code = str(stage.one("SELECT code FROM shared.directory WHERE id = %s", template))
    admin, codes = stage.admin, [f"{code}-{number}" for number in range(count)]
    with admin.transaction():
        admin.execute(CROWD, [[aggregate_id(PLATFORM, one) for one in codes], codes])
        renamed = _renamed(_names(stage, template, code))
        for table, columns in admin.execute(TABLES, [SCHEMAS]).fetchall():
            _copied(stage, table, columns, template=template, renamed=renamed)
        admin.execute("DROP TABLE crowd")
    for schema in SCHEMAS:
        for [table] in admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall():
            admin.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(schema, table)))


def _names(stage: Stage, template: UUID, code: str) -> Mapping[str, str]:
    """What names the one tenant, and by what it is replaced in each of the others."""
    of_aggregates = {
        str(key): f"md5(made.code || '{key}')::uuid::text" for [key] in stage.admin.execute(OWN, [template]).fetchall()
    }
    of_keys = {
        str(key): f"left(md5(made.code || '{key}'), 16)" for [key] in stage.admin.execute(KEYS, [template]).fetchall()
    }
    return {**of_aggregates, **of_keys, str(template): "made.id::text", code: "made.code"}


def _renamed(names: Mapping[str, str]) -> sql.Composable:
    """The row as text with all names replaced, also in bytes, which stand in it as hexadecimal digits."""
    made: sql.Composable = sql.SQL("to_jsonb(known)::text")
    for old, new in names.items():
        made = sql.SQL("replace({}, {}, {})").format(made, sql.Literal(old), sql.SQL(new))
        digits = sql.SQL("encode(convert_to({}, 'UTF8'), 'hex')").format(sql.SQL(new))
        made = sql.SQL("replace({}, {}, {})").format(made, sql.Literal(old.encode().hex()), digits)
    return made


def _copied(stage: Stage, table: str, columns: Sequence[str], *, template: UUID, renamed: sql.Composable) -> None:
    names = [sql.Identifier(name) for name in columns]
    chosen = [sql.SQL("new.{}").format(name) for name in names]
    query = sql.SQL(COPY).format(
        table=sql.SQL(table), columns=sql.SQL(", ").join(names),
        chosen=sql.SQL(", ").join(chosen), renamed=renamed,
        patterns=sql.Literal([f"%{template}%", f"%{str(template).encode().hex()}%"]),
    )  # fmt: skip
    stage.admin.execute(query)
