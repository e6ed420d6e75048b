"""Parks and the revisions of their agreements."""

from alembic import op

from services.parks.domain.park import PARK_LIFECYCLE
from services.parks.domain.terms import AGREEMENT_LIFECYCLE
from shared.database.migrating import AGGREGATE_COLUMNS, open_schema, protect

revision = "parks_0001"
down_revision = None

RIGHTS = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    """Expand."""
    open_schema("parks")
    _parks()
    _agreements()


def _parks() -> None:
    op.execute(f"""CREATE TABLE parks.parks ({AGGREGATE_COLUMNS},
        name_zh text NOT NULL, name_en text,
        park_kind text NOT NULL CHECK (park_kind IN ('joint', 'enclave', 'cooperation')),
        state text NOT NULL CHECK ({PARK_LIFECYCLE.check_sql()}),
        location text, area_km2 numeric(12, 4) CHECK (area_km2 >= 0), sectors text[] NOT NULL, parties jsonb NOT NULL,
        starts_on date, ends_on date CHECK (ends_on > starts_on), consents jsonb NOT NULL,
        current_agreement integer, next_revision integer NOT NULL, reason_digest text,
        search tsvector NOT NULL
            GENERATED ALWAYS AS (shared.bigrams(name_zh || ' ' || coalesce(name_en, ''))) STORED)""")
    op.execute("CREATE INDEX ix_parks_order ON parks.parks (tenant_id, created_at DESC, id DESC)")
    op.execute("CREATE INDEX ix_parks_state ON parks.parks (tenant_id, state, created_at DESC, id DESC)")
    # No GIN index on `search`: `@@` is not leakproof, so under row-level security the planner reads the tenant's rows
    # by the indexes above and filters them; it would never use one.
    protect("parks.parks", rights=RIGHTS)


def _agreements() -> None:
    # No foreign key to the park: at a party a revision may arrive before the park's own entry.
    op.execute(f"""CREATE TABLE parks.agreements ({AGGREGATE_COLUMNS},
        park_id uuid NOT NULL, revision integer NOT NULL,
        state text NOT NULL CHECK ({AGREEMENT_LIFECYCLE.check_sql()}),
        terms jsonb NOT NULL, attachments jsonb NOT NULL, effective_from date NOT NULL, content_hash text NOT NULL,
        proposer uuid NOT NULL, signatures jsonb NOT NULL, refused_by uuid, reason_digest text,
        UNIQUE (tenant_id, park_id, revision))""")
    op.execute("CREATE INDEX ix_agreements_order ON parks.agreements (tenant_id, park_id, created_at DESC, id DESC)")
    protect("parks.agreements", rights=RIGHTS)
