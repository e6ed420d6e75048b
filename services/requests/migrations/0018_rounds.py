"""How often a case had been reopened when somebody got it: who put it back before then does not get it again."""

from alembic import op

revision = "requests_0018"
down_revision = "requests_0017"


def upgrade() -> None:
    """Expand."""
    for table in ("assignments", "former_assignments"):
        op.execute(f"ALTER TABLE requests.{table} ADD COLUMN reopened integer NOT NULL DEFAULT 0")
