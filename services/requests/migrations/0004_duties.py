"""The duty table, to which unit it gave a case, and where organisations have their seat."""

from alembic import op

from shared.database.migrating import index_lists, protect

revision = "requests_0004"
down_revision = "requests_0003"


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE TABLE requests.duty_rules (
        tenant_id uuid NOT NULL, id uuid NOT NULL, item_id uuid, category text, division text, unit text NOT NULL,
        person uuid, substitute uuid, absent_from date, absent_until date, created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL, version integer NOT NULL, removed_at timestamptz, organisation_id uuid,
        PRIMARY KEY (tenant_id, id),
        CHECK (item_id IS NULL OR category IS NULL))""")
    # No two rules ask for the same, so that one of them decides.
    op.execute("""CREATE UNIQUE INDEX ix_duty_rules_asked
        ON requests.duty_rules (tenant_id, item_id, category, division) NULLS NOT DISTINCT WHERE removed_at IS NULL""")
    index_lists("requests.duty_rules", "created_at", "updated_at", "unit")
    protect("requests.duty_rules", rights="SELECT, INSERT, UPDATE", organisation=True)
    op.execute("""CREATE TABLE requests.routings (
        tenant_id uuid NOT NULL, case_id uuid NOT NULL, unit text NOT NULL, rule_id uuid NOT NULL,
        routed_at timestamptz NOT NULL, organisation_id uuid, PRIMARY KEY (tenant_id, case_id))""")
    op.execute("CREATE INDEX ix_routings_unit ON requests.routings (tenant_id, unit, case_id)")
    protect("requests.routings", rights="SELECT, INSERT, UPDATE", organisation=True)
    op.execute("""CREATE TABLE requests.places (
        tenant_id uuid NOT NULL, organisation_id uuid NOT NULL, division text NOT NULL,
        PRIMARY KEY (tenant_id, organisation_id))""")
    protect("requests.places", rights="SELECT, INSERT, UPDATE", organisation=True)
    op.execute("ALTER TABLE requests.cases ADD COLUMN division text")
