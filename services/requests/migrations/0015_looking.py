"""Indexes for what clerks look at first: what is open, overdue, due next in a state, or came from one jurisdiction."""

from alembic import op

from services.requests.domain.cases import OPEN
from shared.database.migrating import APP, WORKER

revision = "requests_0015"
down_revision = "requests_0014"


def upgrade() -> None:
    """Expand."""
    for name, columns, only in (
        ("overdue", "updated_at, id", "WHERE is_overdue"),
        ("open", "updated_at, id", f"WHERE state IN ({', '.join(repr(state) for state in OPEN)})"),
        ("home_id", "home_id, updated_at, id", ""),
        ("state_due", "state, due_by, id", ""),
    ):
        op.execute(f"CREATE INDEX ix_cases_{name} ON requests.cases (tenant_id, {columns}) {only}")
    # Asked once for a statement, not once for a row.
    op.execute("DROP POLICY requests_tallies_office ON requests.tallies")
    op.execute(f"""CREATE POLICY requests_tallies_office ON requests.tallies AS RESTRICTIVE TO {APP}, {WORKER}
        USING ((SELECT pg_trigger_depth()) > 0 OR (SELECT current_setting('app.scope', true)) = 'tenant')""")
