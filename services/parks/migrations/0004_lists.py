"""Parks and agreements are sorted in lists."""

from shared.database.migrating import index_lists

revision = "parks_0004"
down_revision = "parks_0003"


def upgrade() -> None:
    """Expand."""
    index_lists("parks.parks", "updated_at", "name_zh")
    index_lists("parks.agreements", "created_at", "updated_at", "revision", "effective_from")
