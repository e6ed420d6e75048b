"""What came lately is found, and commands are sorted by their end."""

from shared.database.migrating import index_lists

revision = "shared_0010"
down_revision = "shared_0009"


def upgrade() -> None:
    """Expand."""
    index_lists("shared.commands", "expires_at", "name")
    index_lists("shared.progress", "applied_at", key="aggregate_id")
