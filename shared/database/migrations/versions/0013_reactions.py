"""What handlers have not taken in yet."""

from alembic import op

from shared.database.migrating import RELAY, protect

revision = "shared_0013"
down_revision = "shared_0012"


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE TABLE shared.reactions (
        tenant_id uuid NOT NULL, handler text NOT NULL, aggregate_id uuid NOT NULL, epoch integer NOT NULL,
        version integer NOT NULL, created_at timestamptz NOT NULL, attempts integer NOT NULL,
        retry_at timestamptz NOT NULL, error text,
        PRIMARY KEY (tenant_id, handler, aggregate_id, epoch, version))""")
    protect("shared.reactions")
    op.execute(f"CREATE POLICY shared_reactions_relay ON shared.reactions FOR SELECT TO {RELAY} USING (true)")
    columns = "tenant_id, handler, aggregate_id, epoch, version, retry_at"
    op.execute(f"GRANT SELECT ({columns}) ON shared.reactions TO {RELAY}")
