"""What people were called before, so that the audit log shows who acted by the name of then."""

from alembic import op

from shared.database.migrating import protect

revision = "identity_0004"
down_revision = "identity_0003"


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE TABLE identity.former_names (
        tenant_id uuid NOT NULL, user_id uuid NOT NULL, until timestamptz NOT NULL, sealed bytea NOT NULL,
        PRIMARY KEY (tenant_id, user_id, until))""")
    protect("identity.former_names", rights="SELECT, INSERT, DELETE")
