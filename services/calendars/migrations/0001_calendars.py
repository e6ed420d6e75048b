"""Calendars of working days."""

from alembic import op

from services.calendars.domain.calendar import CALENDAR_LIFECYCLE
from shared.database.migrating import AGGREGATE_COLUMNS, open_schema, protect

revision = "calendars_0001"
down_revision = None


def upgrade() -> None:
    """Expand. Their register is the machine's."""
    open_schema("calendars")
    op.execute(f"""CREATE TABLE calendars.calendars ({AGGREGATE_COLUMNS},
        tenant uuid NOT NULL, year integer NOT NULL, state text NOT NULL CHECK ({CALENDAR_LIFECYCLE.check_sql()}),
        days jsonb NOT NULL, notice text)""")
    protect("calendars.calendars", rights="SELECT, INSERT, UPDATE")
