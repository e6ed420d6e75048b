"""Entry rules of a park."""

from alembic import op

revision = "parks_0002"
down_revision = "parks_0001"


def upgrade() -> None:
    """Expand."""
    op.execute("ALTER TABLE parks.parks ADD COLUMN entry_rules jsonb")
