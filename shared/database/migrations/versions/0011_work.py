"""What waits for whom."""

from alembic import op

from shared.database.migrating import protect

revision = "shared_0011"
down_revision = "shared_0010"


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE TABLE shared.work (
        tenant_id uuid NOT NULL, aggregate_id uuid NOT NULL, action text NOT NULL, kind text NOT NULL,
        name_zh text NOT NULL, name_en text, url text NOT NULL, scope text NOT NULL, parties uuid[] NOT NULL,
        mine boolean NOT NULL, others boolean NOT NULL, organisation_id uuid, by_organisation boolean NOT NULL,
        since timestamptz NOT NULL,
        due timestamptz NOT NULL, updated_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, aggregate_id, action))""")
    for whose in ("mine", "others"):
        op.execute(
            f"CREATE INDEX ix_work_{whose} ON shared.work (tenant_id, due, since, aggregate_id, action) WHERE {whose}"
        )
    op.execute("CREATE INDEX ix_work_kind ON shared.work (tenant_id, kind, due, since, aggregate_id, action)")
    op.execute("CREATE INDEX ix_work_scope ON shared.work (tenant_id, scope)")
    protect("shared.work", organisation=True)
