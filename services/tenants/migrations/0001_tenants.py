"""Tenants and their contacts."""

from alembic import op

from services.tenants.domain import TENANT_LIFECYCLE
from shared.database.migrating import AGGREGATE_COLUMNS, open_schema, protect

revision = "tenants_0001"
down_revision = None


def upgrade() -> None:
    """Expand."""
    open_schema("tenants")
    op.execute(f"""CREATE TABLE tenants.tenants ({AGGREGATE_COLUMNS},
        code text NOT NULL, name_zh text NOT NULL, name_en text NOT NULL,
        tenant_kind text NOT NULL CHECK (tenant_kind IN ('province', 'municipality', 'prefecture', 'region')),
        division_codes text[] NOT NULL, members jsonb NOT NULL, cell text NOT NULL, keys jsonb NOT NULL,
        state text NOT NULL CHECK ({TENANT_LIFECYCLE.check_sql()}))""")
    op.execute("CREATE UNIQUE INDEX uq_tenants_code ON tenants.tenants (tenant_id, code)")
    protect("tenants.tenants", rights="SELECT, INSERT, UPDATE")
    op.execute("""CREATE TABLE tenants.contacts (
        tenant_id uuid PRIMARY KEY, name text NOT NULL, email text NOT NULL, phone text NOT NULL,
        updated_at timestamptz NOT NULL)""")
    protect("tenants.contacts")
