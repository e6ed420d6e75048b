"""The outbox holds what waits and nothing else: what was sent is deleted at once."""

from alembic import op

revision = "shared_0015"
down_revision = "shared_0014"


def upgrade() -> None:
    """The column goes with its indexes and the right to change it; what was sent a moment ago is sent once more."""
    op.execute("ALTER TABLE shared.outbox DROP COLUMN sent_at")
    op.execute("CREATE INDEX ix_outbox ON shared.outbox (service, id)")
