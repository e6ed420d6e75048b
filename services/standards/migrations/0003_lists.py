"""What this service lists is sorted."""

from shared.database.migrating import index_lists

revision = "standards_0003"
down_revision = "standards_0002"


def upgrade() -> None:
    """Expand."""
    index_lists("standards.projects", "updated_at", "title_zh", "effective_from")
    index_lists("standards.comments", "created_at", "updated_at", "comment_round")
    index_lists("standards.recognitions", "updated_at", "title_zh")
    index_lists("standards.consequences", "updated_at", "due_on", "cause_key")
    index_lists("standards.certificates", "updated_at", "number", "valid_to")
