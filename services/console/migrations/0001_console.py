"""Who is signed in at the console, and what people keep there."""

from alembic import op

from shared.database.migrating import open_schema, protect

revision = "console_0001"
down_revision = None


def upgrade() -> None:
    """Expand."""
    open_schema("console")
    op.execute("""CREATE TABLE console.visits (
        tenant_id uuid NOT NULL, id uuid NOT NULL, secret_hash text NOT NULL, owner text NOT NULL,
        sealed bytea NOT NULL, expires_at timestamptz NOT NULL, refreshing_until timestamptz,
        created_at timestamptz NOT NULL, seen_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, secret_hash))""")
    op.execute("CREATE INDEX ix_visits_seen ON console.visits (tenant_id, seen_at)")
    protect("console.visits")
    op.execute("""CREATE TABLE console.views (
        tenant_id uuid NOT NULL, id uuid NOT NULL, owner text NOT NULL, area text NOT NULL, name text NOT NULL,
        query text NOT NULL, shared boolean NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id))""")
    op.execute("CREATE UNIQUE INDEX ix_views_name ON console.views (tenant_id, area, owner, name)")
    protect("console.views")
    op.execute("""CREATE TABLE console.drafts (
        tenant_id uuid NOT NULL, owner text NOT NULL, place text NOT NULL, title text NOT NULL, fields jsonb NOT NULL,
        saved_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, owner, place))""")
    op.execute("CREATE INDEX ix_drafts_saved ON console.drafts (tenant_id, owner, saved_at)")
    protect("console.drafts")
    op.execute("""CREATE TABLE console.bookmarks (
        tenant_id uuid NOT NULL, owner text NOT NULL, place text NOT NULL, title text NOT NULL,
        created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, owner, place))""")
    protect("console.bookmarks")
    op.execute("""CREATE TABLE console.preferences (
        tenant_id uuid NOT NULL, owner text NOT NULL, name text NOT NULL, value jsonb NOT NULL,
        PRIMARY KEY (tenant_id, owner, name))""")
    protect("console.preferences")
