"""Parks that a tenant knows, cases that name one, and duty rules for one."""

from alembic import op

from shared.database.migrating import protect

revision = "requests_0006"
down_revision = "requests_0005"


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE TABLE requests.parks (
        tenant_id uuid NOT NULL, park_id uuid NOT NULL, home uuid NOT NULL, parties uuid[] NOT NULL,
        state text NOT NULL, name_zh text NOT NULL, name_en text, division text, PRIMARY KEY (tenant_id, park_id))""")
    protect("requests.parks", rights="SELECT, INSERT, UPDATE")
    op.execute("ALTER TABLE requests.cases ADD COLUMN park_id uuid, ADD COLUMN park jsonb")
    op.execute("""CREATE INDEX ix_cases_park_id ON requests.cases (tenant_id, park_id, updated_at, id)
        WHERE park_id IS NOT NULL""")
    op.execute("""ALTER TABLE requests.duty_rules ADD COLUMN park_id uuid,
        ADD CHECK (park_id IS NULL OR division IS NULL)""")
    op.execute("DROP INDEX requests.ix_duty_rules_asked")
    op.execute("""CREATE UNIQUE INDEX ix_duty_rules_asked
        ON requests.duty_rules (tenant_id, item_id, category, division, park_id) NULLS NOT DISTINCT
        WHERE removed_at IS NULL""")
