"""A dissolution has its day, and drafts can be withdrawn."""

from alembic import op

from services.parks.domain.park import PARK_LIFECYCLE

revision = "parks_0006"
down_revision = "parks_0005"


def upgrade() -> None:
    """Expand; the state of a park says no more whether it is being dissolved, its day does."""
    op.execute("ALTER TABLE parks.parks ADD COLUMN dissolution jsonb")
    op.execute("ALTER TABLE parks.parks DROP CONSTRAINT parks_state_check")
    op.execute(f"ALTER TABLE parks.parks ADD CONSTRAINT parks_state_check CHECK ({PARK_LIFECYCLE.check_sql()})")
