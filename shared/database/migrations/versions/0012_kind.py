"""The directory's states call a tenant's kind `kind`, as the API does."""

from alembic import op

revision = "shared_0012"
down_revision = "shared_0011"


def upgrade() -> None:
    """Expand."""
    op.execute("ALTER TABLE shared.directory DROP COLUMN kind")
    op.execute("""ALTER TABLE shared.directory
        ADD COLUMN kind text NOT NULL GENERATED ALWAYS AS (state->>'kind') STORED""")
