"""Whether a tenant takes requests for a new password, and when an account's owner asked for one."""

from alembic import op

from shared.database.migrating import protect

revision = "identity_0003"
down_revision = "identity_0002"


def upgrade() -> None:
    """Expand; no tenant takes requests until its system administrator says so."""
    op.execute("ALTER TABLE identity.users ADD COLUMN reset_asked_at timestamptz")
    op.execute("""CREATE INDEX ix_users_reset_asked ON identity.users (tenant_id, reset_asked_at)
        WHERE reset_asked_at IS NOT NULL""")
    op.execute("""CREATE TABLE identity.sign_in_rules (
        tenant_id uuid NOT NULL PRIMARY KEY, forgotten_passwords boolean NOT NULL, updated_at timestamptz NOT NULL)""")
    protect("identity.sign_in_rules", rights="SELECT, INSERT, UPDATE")
