"""Whose things a tenant has copies of is found without reading its own."""

from alembic import op

revision = "shared_0018"
down_revision = "shared_0017"


def upgrade() -> None:
    """Expand."""
    op.execute("CREATE INDEX ix_progress_homes ON shared.progress (tenant_id, home_id) WHERE home_id <> tenant_id")
