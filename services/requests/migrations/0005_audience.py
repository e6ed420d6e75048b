"""Whom a service item is for; the catalogue is filtered by it, and by how an item is handled."""

from alembic import op

revision = "requests_0005"
down_revision = "requests_0004"


def upgrade() -> None:
    """Expand."""
    op.execute("ALTER TABLE requests.items ADD COLUMN audience text NOT NULL DEFAULT 'anyone'")
    op.execute("""ALTER TABLE requests.items_register
        ADD COLUMN mode text GENERATED ALWAYS AS (state->>'mode') STORED,
        ADD COLUMN audience text GENERATED ALWAYS AS (coalesce(state->>'audience', 'anyone')) STORED""")
    for column in ("mode", "audience"):
        op.execute(f"CREATE INDEX ON requests.items_register ({column}, code, id)")
