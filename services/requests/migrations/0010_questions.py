"""Questions and answers in threads, and whom of one's own people messages and notes mention."""

from alembic import op

from shared.database.migrating import protect

revision = "requests_0010"
down_revision = "requests_0009"


def upgrade() -> None:
    """Expand."""
    op.execute("ALTER TABLE requests.messages ADD COLUMN question jsonb, ADD COLUMN answers uuid")
    op.execute("""CREATE INDEX ix_messages_asked ON requests.messages (tenant_id, case_id, id)
        WHERE question->>'kind' IS NOT NULL""")
    op.execute("CREATE INDEX ix_messages_answers ON requests.messages (tenant_id, answers) WHERE answers IS NOT NULL")
    op.execute("""CREATE TABLE requests.mentions (
        tenant_id uuid NOT NULL, id uuid NOT NULL, case_id uuid NOT NULL, message_id uuid, person text NOT NULL,
        author text NOT NULL, created_at timestamptz NOT NULL, organisation_id uuid, PRIMARY KEY (tenant_id, id))""")
    op.execute("CREATE INDEX ix_mentions_person ON requests.mentions (tenant_id, person, created_at, id)")
    # No organisation's: its people see none of them, by the policy and not by the route alone.
    protect("requests.mentions", rights="SELECT, INSERT", organisation=True)
