"""Public cards of parks in force, and the register of them."""

from alembic import op

from services.parks.domain.cards import ISSUED, RECALLED
from shared.database.migrating import AGGREGATE_COLUMNS, protect, publish_register

revision = "parks_0008"
down_revision = "parks_0007"


def upgrade() -> None:
    """Expand."""
    op.execute(f"""CREATE TABLE parks.cards ({AGGREGATE_COLUMNS},
        tenant uuid NOT NULL, park_id uuid NOT NULL,
        status text NOT NULL CHECK (status IN ('{ISSUED}', '{RECALLED}')),
        name_zh text, name_en text, park_kind text, park_state text, location text, area_km2 numeric(12, 4),
        sectors text[] NOT NULL, parties jsonb NOT NULL, since date, revision integer NOT NULL,
        content_hash text NOT NULL, signatures jsonb NOT NULL)""")
    protect("parks.cards", rights="SELECT, INSERT, UPDATE")
    op.execute("""CREATE TABLE parks.cards_register (
        id uuid PRIMARY KEY, epoch integer NOT NULL, version integer NOT NULL, entry_hash text NOT NULL,
        state jsonb NOT NULL, entry bytea NOT NULL, signature text NOT NULL, received_at timestamptz NOT NULL,
        park_state text GENERATED ALWAYS AS (state->>'park_state') STORED,
        since text GENERATED ALWAYS AS (state->>'since') STORED,
        folded text GENERATED ALWAYS AS (
            shared.folded((state->>'name_zh') || ' ' || coalesce(state->>'name_en', ''))) STORED)""")
    op.execute("CREATE INDEX ix_cards_register_since ON parks.cards_register (since, id) WHERE park_state IS NOT NULL")
    publish_register("parks.cards_register")
