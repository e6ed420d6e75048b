"""Nobody makes temporary tables: rows in them would obey no policy and outlive the transaction."""

from alembic import op

revision = "shared_0006"
down_revision = "shared_0005"


def upgrade() -> None:
    """Expand."""
    op.execute("""DO $$ BEGIN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    END $$""")
