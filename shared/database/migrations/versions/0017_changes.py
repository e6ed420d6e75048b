"""What changed is listed, newest first: of all kinds, of one, by one person, by other tenants."""

from alembic import op

revision = "shared_0017"
down_revision = "shared_0016"

PLACE = "recorded_at, aggregate_id, epoch, version"


def upgrade() -> None:
    """Expand."""
    # PostgreSQL calls no decoding immutable, for the encoding might be any: entries are UTF-8, and so is the database.
    op.execute("""CREATE FUNCTION shared.acting(entry bytea) RETURNS jsonb
        IMMUTABLE PARALLEL SAFE STRICT LANGUAGE sql AS $$ SELECT convert_from(entry, 'UTF8')::jsonb->'actor' $$""")
    # Columns, for under row-level security a function that is not leakproof finds nothing by index; of a column the
    # planner knows how rare a value is.
    op.execute("""ALTER TABLE shared.journal
        ADD COLUMN by_others boolean GENERATED ALWAYS AS ((shared.acting(entry)->>'tenant')::uuid <> tenant_id) STORED,
        ADD COLUMN actor_id text GENERATED ALWAYS AS (shared.acting(entry)->>'id') STORED""")
    op.execute(f"CREATE INDEX ix_journal_changes ON shared.journal (tenant_id, {PLACE})")
    op.execute(f"CREATE INDEX ix_journal_changes_of_kind ON shared.journal (tenant_id, kind, {PLACE})")
    op.execute(f"CREATE INDEX ix_journal_changes_by ON shared.journal (tenant_id, actor_id, {PLACE})")
    op.execute(f"""CREATE INDEX ix_journal_changes_by_others ON shared.journal (tenant_id, {PLACE})
        WHERE by_others""")
