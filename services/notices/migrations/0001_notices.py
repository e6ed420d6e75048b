"""Notices."""

from alembic import op

from services.notices.domain import NOTICE_LIFECYCLE
from shared.database.migrating import AGGREGATE_COLUMNS, index_lists, open_schema, protect

revision = "notices_0001"
down_revision = None


def upgrade() -> None:
    """Expand."""
    open_schema("notices")
    op.execute(f"""CREATE TABLE notices.notices ({AGGREGATE_COLUMNS},
        title_zh text NOT NULL, title_en text, text text NOT NULL,
        state text NOT NULL CHECK ({NOTICE_LIFECYCLE.check_sql()}),
        addressees uuid[] NOT NULL, attachments jsonb NOT NULL, readings jsonb NOT NULL,
        published_at timestamptz, reason_digest text,
        folded text NOT NULL GENERATED ALWAYS AS (shared.folded(title_zh || ' ' || coalesce(title_en, ''))) STORED)""")
    index_lists("notices.notices", "created_at", "updated_at", "title_zh")
    op.execute("CREATE INDEX ix_notices_state ON notices.notices (tenant_id, state, created_at, id)")
    op.execute("CREATE INDEX ix_notices_home ON notices.notices (tenant_id, home_id, created_at, id)")
    protect("notices.notices", rights="SELECT, INSERT, UPDATE")
