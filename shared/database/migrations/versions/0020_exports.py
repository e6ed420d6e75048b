"""Exports: jobs that write a whole list, each seen by whoever asked for it alone."""

from alembic import op

from shared.database.migrating import RELAY, protect

revision = "shared_0020"
down_revision = "shared_0019"


def upgrade() -> None:
    """Expand. The relay sees since when one is due, and whose it is: nothing of what it holds."""
    op.execute("""CREATE TABLE shared.exports (
        tenant_id uuid NOT NULL, id uuid NOT NULL, actor_id text NOT NULL, organisation_id uuid,
        claims jsonb NOT NULL, operation text NOT NULL, address text NOT NULL,
        form text NOT NULL CHECK (form IN ('csv', 'xlsx')),
        state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
        rows integer NOT NULL, total integer, total_is text, attempts integer NOT NULL,
        next_at timestamptz NOT NULL, file text, sha256 text, size bigint, problem jsonb,
        created_at timestamptz NOT NULL, started_at timestamptz, ended_at timestamptz, expires_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id))""")
    protect("shared.exports", organisation=True)
    op.execute("CREATE INDEX ix_exports_next ON shared.exports (next_at)")
    op.execute("CREATE INDEX ix_exports_by_created_at ON shared.exports (tenant_id, created_at, id)")
    op.execute(f"CREATE POLICY shared_exports_relay ON shared.exports FOR SELECT TO {RELAY} USING (true)")
    op.execute(f"GRANT SELECT (tenant_id, next_at, created_at) ON shared.exports TO {RELAY}")
