"""Old answers to commands are found by their age, so that they can be dropped."""

from alembic import op

from shared.database.migrating import WORKER

revision = "shared_0008"
down_revision = "shared_0007"


def upgrade() -> None:
    """Expand."""
    op.execute(f"GRANT DELETE ON shared.executions TO {WORKER}")
    op.execute("CREATE INDEX ix_executions_old ON shared.executions (tenant_id, executed_at)")
