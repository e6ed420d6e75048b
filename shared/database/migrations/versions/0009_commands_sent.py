"""Commands that were sent are listed by time."""

from alembic import op

revision = "shared_0009"
down_revision = "shared_0008"


def upgrade() -> None:
    """Expand."""
    op.execute("CREATE INDEX ix_commands_sent ON shared.commands (tenant_id, sent_at DESC, id DESC)")
