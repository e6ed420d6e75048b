"""Why a tenant leaves, and on which day."""

from alembic import op

revision = "tenants_0003"
down_revision = "tenants_0002"


def upgrade() -> None:
    """Expand."""
    op.execute("ALTER TABLE tenants.tenants ADD COLUMN leaves_on date, ADD COLUMN leaving_reason text")
