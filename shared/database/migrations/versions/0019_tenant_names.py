"""Tenants are found by code and name."""

from alembic import op

revision = "shared_0019"
down_revision = "shared_0018"


def upgrade() -> None:
    """Expand."""
    op.execute("""ALTER TABLE shared.directory ADD COLUMN folded text GENERATED ALWAYS AS (
        shared.folded((state->>'code') || ' ' || (state->>'name_zh') || ' ' || (state->>'name_en'))) STORED""")
