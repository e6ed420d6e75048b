"""What a party signed is kept once, and its receipts name it."""

from alembic import op

from shared.database.migrating import protect

revision = "shared_0016"
down_revision = "shared_0015"


def upgrade() -> None:
    """Expand."""
    op.execute("DROP TABLE shared.receipts")
    op.execute("""CREATE TABLE shared.receipts (
        tenant_id uuid NOT NULL, aggregate_id uuid NOT NULL, party_id uuid NOT NULL, epoch integer NOT NULL,
        version integer NOT NULL, status text NOT NULL, reason text, applied_at timestamptz NOT NULL,
        document_id text NOT NULL, PRIMARY KEY (tenant_id, aggregate_id, party_id))""")
    protect("shared.receipts", rights="SELECT, INSERT, UPDATE")
    op.execute("""CREATE TABLE shared.receipt_documents (
        tenant_id uuid NOT NULL, id text NOT NULL, document bytea NOT NULL, signature text NOT NULL,
        words integer NOT NULL, PRIMARY KEY (tenant_id, id))""")
    protect("shared.receipt_documents")
