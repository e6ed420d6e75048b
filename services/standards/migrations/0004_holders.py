"""Whose certificates are an organisation's: found by its credit codes, and nobody else's seen by its people."""

from alembic import op

from shared.database.migrating import APP, WORKER, protect

revision = "standards_0004"
down_revision = "standards_0003"
HELD = """case (select current_setting('app.scope', true))
  when 'tenant' then true
  when 'organisation' then holder->>'code' in (select code from standards.holders)
  else false end"""


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE TABLE standards.holders (
        tenant_id uuid NOT NULL, organisation_id uuid NOT NULL, code text NOT NULL,
        PRIMARY KEY (tenant_id, organisation_id, code))""")
    protect("standards.holders", rights="SELECT, INSERT, UPDATE", organisation=True)
    # In an organisation's session row-level security shows of `holders` its own codes alone.
    op.execute(
        f"CREATE POLICY standards_certificates_holder ON standards.certificates AS RESTRICTIVE TO {APP}, {WORKER}"
        f" USING ({HELD}) WITH CHECK ({HELD})"
    )
    op.execute("""ALTER TABLE standards.certificates_register
        ADD COLUMN holder_code text GENERATED ALWAYS AS (state->'holder'->>'code') STORED""")
    op.execute("""CREATE INDEX ix_certificates_register_holder
        ON standards.certificates_register (holder_code, received_at DESC, id DESC)""")
