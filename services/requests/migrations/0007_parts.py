"""Parts of a case, for several authorities under the one number."""

from alembic import op

revision = "requests_0007"
down_revision = "requests_0006"


def upgrade() -> None:
    """Expand."""
    op.execute("""ALTER TABLE requests.cases ADD COLUMN parts jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN part_files jsonb NOT NULL DEFAULT '[]'""")
