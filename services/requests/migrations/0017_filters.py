"""Indexes for two filters: which matter a case is about, and what is looked at again by a day."""

from alembic import op

revision = "requests_0017"
down_revision = "requests_0016"


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE INDEX ix_cases_matter ON requests.cases (tenant_id, (matter->>'kind'), updated_at, id)
        WHERE matter->>'kind' IS NOT NULL""")
    op.execute("""CREATE INDEX ix_assignments_follow_up ON requests.assignments (tenant_id, follow_up_on, case_id)
        WHERE follow_up_on IS NOT NULL""")
