"""The day by which something is to be signed, and the last reminder of it."""

from alembic import op

revision = "standards_0005"
down_revision = "standards_0004"


def upgrade() -> None:
    """Expand."""
    op.execute("ALTER TABLE standards.projects ADD COLUMN sign_by date, ADD COLUMN reminded_at timestamptz")
    op.execute("ALTER TABLE standards.recognitions ADD COLUMN sign_by date, ADD COLUMN reminded_at timestamptz")
