"""Files: an organisation's are its own, what nobody cites is forgotten, a corrected media type is kept."""

from alembic import op

from shared.database.migrating import APP, ORGANISATION, WORKER

revision = "shared_0003"
down_revision = "shared_0002"

NOBODY = "00000000-0000-0000-0000-000000000000"


def upgrade() -> None:
    """Expand; what is there, or comes from version N, counts as cited, for nobody knows better."""
    op.execute(f"""ALTER TABLE shared.files ADD COLUMN organisation_id uuid NOT NULL DEFAULT '{NOBODY}',
        ADD COLUMN cited_at timestamptz DEFAULT now(), DROP CONSTRAINT files_pkey,
        ADD PRIMARY KEY (tenant_id, sha256, organisation_id)""")
    op.execute("CREATE INDEX ix_files_uncited ON shared.files (tenant_id, received_at) WHERE cited_at IS NULL")
    op.execute(
        f"CREATE POLICY shared_files_organisation ON shared.files AS RESTRICTIVE TO {APP}, {WORKER}"
        f" USING ({ORGANISATION}) WITH CHECK ({ORGANISATION})"
    )
    op.execute(f"GRANT UPDATE (media_type, cited_at), DELETE ON shared.files TO {APP}, {WORKER}")
