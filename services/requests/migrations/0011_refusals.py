"""How often another tenant has refused the same."""

from alembic import op

from services.requests.domain.refusals import REFUSAL_KINDS
from shared.database.migrating import protect

revision = "requests_0011"
down_revision = "requests_0010"


def upgrade() -> None:
    """Expand."""
    op.execute(f"""CREATE TABLE requests.refusals (
        tenant_id uuid NOT NULL, by uuid NOT NULL, item_id uuid NOT NULL, kind text NOT NULL CHECK (kind IN
        {REFUSAL_KINDS!r}), ground text NOT NULL, times integer NOT NULL CHECK (times > 0),
        PRIMARY KEY (tenant_id, by, item_id, kind, ground))""")
    protect("requests.refusals", rights="SELECT, INSERT, UPDATE")
