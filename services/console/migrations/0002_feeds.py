"""Calendars that people subscribe to: what was due when they were last here."""

from alembic import op

from shared.database.migrating import protect

revision = "console_0002"
down_revision = "console_0001"


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE TABLE console.feeds (
        tenant_id uuid NOT NULL, owner text NOT NULL, secret_hash text NOT NULL, events jsonb NOT NULL,
        kept_at timestamptz NOT NULL, created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, owner), UNIQUE (tenant_id, secret_hash))""")
    protect("console.feeds")
