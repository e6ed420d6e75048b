"""The day by which something is to be signed, and the last reminder of it."""

from alembic import op

revision = "parks_0007"
down_revision = "parks_0006"


def upgrade() -> None:
    """Expand."""
    op.execute("ALTER TABLE parks.agreements ADD COLUMN sign_by date, ADD COLUMN reminded_at timestamptz")
