"""What searches compare: letters and digits in plain width, small and simplified."""

from alembic import op

from shared.text.searching import folding_sql

revision = "shared_0007"
down_revision = "shared_0006"


def upgrade() -> None:
    """Expand."""
    op.get_bind().exec_driver_sql(folding_sql().replace("%", "%%"))
