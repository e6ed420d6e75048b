"""Matters of parks, and the duty tables by which they are answered."""

from alembic import op

from services.requests.domain.matters import DUTY_REVISION_LIFECYCLE
from shared.database.migrating import AGGREGATE_COLUMNS, index_lists, protect

revision = "requests_0009"
down_revision = "requests_0008"
RIGHTS = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    """Expand."""
    op.execute(f"""CREATE TABLE requests.duty_tables ({AGGREGATE_COLUMNS},
        park_id uuid NOT NULL, name_zh text NOT NULL, name_en text, next_revision integer NOT NULL)""")
    index_lists("requests.duty_tables", "created_at", "updated_at")
    protect("requests.duty_tables", rights=RIGHTS)
    # No foreign key to the table: at a party a revision may arrive before the table's own entry.
    op.execute(f"""CREATE TABLE requests.duty_revisions ({AGGREGATE_COLUMNS},
        table_id uuid NOT NULL, park_id uuid NOT NULL, matters jsonb NOT NULL, revision integer NOT NULL,
        state text NOT NULL CHECK ({DUTY_REVISION_LIFECYCLE.check_sql()}), effective_from date NOT NULL,
        content_hash text NOT NULL, proposer uuid NOT NULL, signatures jsonb NOT NULL, refused_by uuid,
        reason_digest text, sign_by date, reminded_at timestamptz, UNIQUE (tenant_id, table_id, revision))""")
    index_lists("requests.duty_revisions", "created_at", "updated_at", "revision")
    op.execute("CREATE INDEX ix_duty_revisions_park_id ON requests.duty_revisions (tenant_id, park_id, revision)")
    op.execute(
        "CREATE INDEX ix_duty_revisions_table_id ON requests.duty_revisions (tenant_id, table_id, created_at, id)"
    )
    protect("requests.duty_revisions", rights=RIGHTS)
    # An official of a party raises a matter for its tenant, too: then it is no organisation's.
    op.execute("""ALTER TABLE requests.cases ADD COLUMN matter jsonb,
        ALTER COLUMN organisation_id DROP NOT NULL""")
    op.execute("ALTER TABLE requests.messages ALTER COLUMN organisation_id DROP NOT NULL")
    op.execute("ALTER TABLE requests.routings ALTER COLUMN rule_id DROP NOT NULL")
