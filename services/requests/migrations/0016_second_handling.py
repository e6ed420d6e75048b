"""Who has worked on a case before it was reopened: somebody else works on it then."""

from alembic import op

from shared.database.migrating import protect

revision = "requests_0016"
down_revision = "requests_0015"


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE TABLE requests.former_assignments (
        tenant_id uuid NOT NULL, case_id uuid NOT NULL, person text NOT NULL, organisation_id uuid,
        PRIMARY KEY (tenant_id, case_id, person))""")
    # No organisation's: its people see none of them, by the policy and not by the route alone.
    protect("requests.former_assignments", rights="SELECT, INSERT", organisation=True)
