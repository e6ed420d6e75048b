"""Who works on a case, what is said about it, and inside one jurisdiction alone; ratings."""

from alembic import op

from shared.database.migrating import AGGREGATE_COLUMNS, index_lists, protect

revision = "requests_0002"
down_revision = "requests_0001"


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE TABLE requests.assignments (
        tenant_id uuid NOT NULL, case_id uuid NOT NULL, person text NOT NULL, since timestamptz NOT NULL,
        follow_up_on date, organisation_id uuid, PRIMARY KEY (tenant_id, case_id))""")
    op.execute("CREATE INDEX ix_assignments_person ON requests.assignments (tenant_id, person, case_id)")
    # No organisation's: its people see none of them, by the policy and not by the route alone.
    protect("requests.assignments", organisation=True)
    op.execute("""CREATE TABLE requests.notes (
        tenant_id uuid NOT NULL, id uuid NOT NULL, case_id uuid NOT NULL, author text NOT NULL, text text NOT NULL,
        created_at timestamptz NOT NULL, organisation_id uuid, PRIMARY KEY (tenant_id, id))""")
    op.execute("CREATE INDEX ix_notes_case ON requests.notes (tenant_id, case_id, created_at, id)")
    protect("requests.notes", rights="SELECT, INSERT", organisation=True)
    op.execute(f"""CREATE TABLE requests.messages ({AGGREGATE_COLUMNS},
        organisation_id uuid NOT NULL, case_id uuid NOT NULL, by_applicant boolean NOT NULL, text_digest text NOT NULL,
        attachments jsonb NOT NULL)""")
    index_lists("requests.messages", "created_at", "updated_at")
    op.execute("CREATE INDEX ix_messages_case ON requests.messages (tenant_id, case_id, created_at, id)")
    protect("requests.messages", rights="SELECT, INSERT, UPDATE", organisation=True)
    op.execute("""ALTER TABLE requests.cases ADD COLUMN ratings jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN accepted_in_term boolean, ADD COLUMN answered_in_term boolean, ADD COLUMN own_days integer""")
    op.execute("CREATE INDEX ix_cases_scored ON requests.cases (tenant_id, filed_at, handler, item_id)")
