"""What organisations ask of their tenant."""

from alembic import op

from services.organisations.domain.applications import APPLICATION_LIFECYCLE, PURPOSES
from shared.database.migrating import AGGREGATE_COLUMNS, index_lists, protect

revision = "organisations_0006"
down_revision = "organisations_0005"


def upgrade() -> None:
    """Expand."""
    op.execute(f"""CREATE TABLE organisations.applications ({AGGREGATE_COLUMNS},
        organisation_id uuid NOT NULL, purpose text NOT NULL CHECK (purpose IN {PURPOSES}),
        state text NOT NULL CHECK ({APPLICATION_LIFECYCLE.check_sql()}),
        asked jsonb NOT NULL, evidence jsonb NOT NULL, reason_digest text)""")
    op.execute("""CREATE INDEX ix_applications_order
        ON organisations.applications (tenant_id, created_at DESC, id DESC)""")
    op.execute("""CREATE INDEX ix_applications_organisation
        ON organisations.applications (tenant_id, organisation_id, created_at DESC, id DESC)""")
    protect("organisations.applications", rights="SELECT, INSERT, UPDATE", organisation=True)
    index_lists("organisations.applications", "updated_at")
