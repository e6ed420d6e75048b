"""Common sheets of several tenants, and the items that follow them."""

from alembic import op

from services.requests.domain.common import COMMON_LIFECYCLE
from shared.database.migrating import AGGREGATE_COLUMNS, index_lists, protect

revision = "requests_0013"
down_revision = "requests_0012"
RIGHTS = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    """Expand."""
    op.execute(f"""CREATE TABLE requests.common_sheets ({AGGREGATE_COLUMNS},
        name_zh text NOT NULL, name_en text, category text NOT NULL, next_revision integer NOT NULL)""")
    index_lists("requests.common_sheets", "created_at", "updated_at")
    protect("requests.common_sheets", rights=RIGHTS)
    # No foreign key to the sheet: at a party a revision may arrive before the sheet's own entry.
    op.execute(f"""CREATE TABLE requests.common_revisions ({AGGREGATE_COLUMNS},
        common_id uuid NOT NULL, sheet jsonb NOT NULL, revision integer NOT NULL,
        state text NOT NULL CHECK ({COMMON_LIFECYCLE.check_sql()}), effective_from date NOT NULL,
        content_hash text NOT NULL, proposer uuid NOT NULL, signatures jsonb NOT NULL, refused_by uuid,
        reason_digest text, sign_by date, reminded_at timestamptz, UNIQUE (tenant_id, common_id, revision))""")
    index_lists("requests.common_revisions", "created_at", "updated_at", "revision")
    op.execute(
        "CREATE INDEX ix_common_revisions_of ON requests.common_revisions (tenant_id, common_id, created_at, id)"
    )
    protect("requests.common_revisions", rights=RIGHTS)
    op.execute("ALTER TABLE requests.items ADD COLUMN follows jsonb")
    op.execute("""CREATE INDEX ix_items_follows ON requests.items (tenant_id, (follows->>'common'), id)
        WHERE follows IS NOT NULL""")
    op.execute("""ALTER TABLE requests.items_register ADD COLUMN follows uuid
        GENERATED ALWAYS AS ((state->'follows'->>'common')::uuid) STORED""")
    op.execute("CREATE INDEX ON requests.items_register (follows, code, id) WHERE follows IS NOT NULL")
