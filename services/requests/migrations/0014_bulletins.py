"""What jurisdictions publish of how they keep their terms."""

from alembic import op

from services.requests.domain.bulletins import BULLETIN_LIFECYCLE
from shared.database.migrating import AGGREGATE_COLUMNS, REGISTER_COLUMNS, protect, publish_register

revision = "requests_0014"
down_revision = "requests_0013"


def upgrade() -> None:
    """Expand."""
    op.execute(f"""CREATE TABLE requests.bulletins ({AGGREGATE_COLUMNS},
        tenant uuid NOT NULL, state text NOT NULL CHECK ({BULLETIN_LIFECYCLE.check_sql()}),
        since date NOT NULL, until date NOT NULL, rows jsonb NOT NULL)""")
    op.execute("CREATE INDEX ix_bulletins_period ON requests.bulletins (tenant_id, until, since)")
    protect("requests.bulletins", rights="SELECT, INSERT, UPDATE")
    op.execute(f"""CREATE TABLE requests.bulletins_register ({REGISTER_COLUMNS},
        status text NOT NULL GENERATED ALWAYS AS (state->>'state') STORED,
        tenant uuid NOT NULL GENERATED ALWAYS AS ((state->>'tenant')::uuid) STORED,
        until text NOT NULL GENERATED ALWAYS AS (state->>'until') STORED)""")
    for columns in ("until, id", "received_at, id", "tenant, until, id"):
        op.execute(f"CREATE INDEX ON requests.bulletins_register ({columns})")
    publish_register("requests.bulletins_register")
