"""Which sheet of a workbook an import read, and what it did not."""

from alembic import op

revision = "organisations_0002"
down_revision = "organisations_0001"


def upgrade() -> None:
    """Expand."""
    op.execute("ALTER TABLE organisations.imports ADD COLUMN sheet text, ADD COLUMN notes jsonb")
