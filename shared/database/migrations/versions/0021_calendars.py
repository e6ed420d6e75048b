"""The register of calendars of working days."""

from alembic import op

from shared.database.migrating import REGISTER_COLUMNS, publish_register

revision = "shared_0021"
down_revision = "shared_0020"


def upgrade() -> None:
    """Expand."""
    op.execute(f"""CREATE TABLE shared.calendars ({REGISTER_COLUMNS},
        tenant uuid NOT NULL GENERATED ALWAYS AS ((state->>'tenant')::uuid) STORED,
        year text NOT NULL GENERATED ALWAYS AS (state->>'year') STORED,
        status text NOT NULL GENERATED ALWAYS AS (state->>'state') STORED)""")
    for columns in ("tenant, year, id", "year, id", "received_at, id"):
        op.execute(f"CREATE INDEX ON shared.calendars ({columns})")
    publish_register("shared.calendars")
