"""Organisations and imports are sorted in lists."""

from shared.database.migrating import index_lists

revision = "organisations_0004"
down_revision = "organisations_0003"


def upgrade() -> None:
    """Expand."""
    index_lists("organisations.organisations", "updated_at", "name_zh", "code")
    index_lists("organisations.imports", "created_at")
