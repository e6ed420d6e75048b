"""Agreements that all have signed for a day to come, and parks that begin with one."""

from alembic import op

from services.parks.domain.park import PARK_LIFECYCLE
from services.parks.domain.terms import AGREEMENT_LIFECYCLE

revision = "parks_0005"
down_revision = "parks_0004"


def upgrade() -> None:
    """Expand: states that were not there before."""
    for table, lifecycle in (("parks", PARK_LIFECYCLE), ("agreements", AGREEMENT_LIFECYCLE)):
        op.execute(f"ALTER TABLE parks.{table} DROP CONSTRAINT {table}_state_check")
        op.execute(f"ALTER TABLE parks.{table} ADD CONSTRAINT {table}_state_check CHECK ({lifecycle.check_sql()})")
