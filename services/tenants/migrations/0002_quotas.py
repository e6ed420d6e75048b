"""How much a tenant may have: users, organisations, requests per minute."""

from alembic import op

revision = "tenants_0002"
down_revision = "tenants_0001"


def upgrade() -> None:
    """Expand; a tenant without quotas has those of the settings."""
    op.execute("ALTER TABLE tenants.tenants ADD COLUMN quotas jsonb")
