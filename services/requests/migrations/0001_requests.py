"""Service items, cases, and the numbers that were given to them."""

from alembic import op

from services.requests.domain.cases import CASE_LIFECYCLE
from services.requests.domain.items import ITEM_LIFECYCLE
from shared.database.migrating import (
    AGGREGATE_COLUMNS,
    REGISTER_COLUMNS,
    index_lists,
    open_schema,
    protect,
    publish_register,
)

revision = "requests_0001"
down_revision = None
RIGHTS = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    """Expand."""
    open_schema("requests")
    _items()
    _cases()
    op.execute("""CREATE TABLE requests.counters (
        tenant_id uuid NOT NULL, year integer NOT NULL, last integer NOT NULL CHECK (last > 0),
        PRIMARY KEY (tenant_id, year))""")
    protect("requests.counters", rights=RIGHTS)


def _items() -> None:
    op.execute(f"""CREATE TABLE requests.items ({AGGREGATE_COLUMNS},
        tenant uuid NOT NULL, state text NOT NULL CHECK ({ITEM_LIFECYCLE.check_sql()}), code text NOT NULL,
        national_code text, name_zh text NOT NULL, name_en text, category text NOT NULL, nature text NOT NULL,
        mode text NOT NULL, provider text NOT NULL, coordinator uuid, edition integer NOT NULL, sheet jsonb NOT NULL,
        UNIQUE (tenant_id, code))""")
    protect("requests.items", rights=RIGHTS)
    op.execute(f"""CREATE TABLE requests.items_register ({REGISTER_COLUMNS},
        code text NOT NULL GENERATED ALWAYS AS (state->>'code') STORED,
        status text NOT NULL GENERATED ALWAYS AS (state->>'state') STORED,
        tenant uuid NOT NULL GENERATED ALWAYS AS ((state->>'tenant')::uuid) STORED,
        category text NOT NULL GENERATED ALWAYS AS (state->>'category') STORED,
        folded text GENERATED ALWAYS AS (shared.folded(
            (state->>'code') || ' ' || (state->>'name_zh') || ' ' || coalesce(state->>'name_en', ''))) STORED)""")
    for columns in ("code, id", "received_at, id", "tenant, code, id", "category, code, id"):
        op.execute(f"CREATE INDEX ON requests.items_register ({columns})")
    publish_register("requests.items_register")


def _cases() -> None:
    op.execute(f"""CREATE TABLE requests.cases ({AGGREGATE_COLUMNS},
        organisation_id uuid NOT NULL, state text NOT NULL CHECK ({CASE_LIFECYCLE.check_sql()}),
        number text COLLATE "C", item_id uuid NOT NULL, item jsonb NOT NULL, sheet jsonb NOT NULL,
        handler uuid NOT NULL, coordinator uuid, answers_digest text, applicant_digest text,
        materials jsonb NOT NULL, forwards jsonb NOT NULL, is_final boolean NOT NULL, supplement jsonb,
        clocks jsonb NOT NULL, due_on date,
        due_by date NOT NULL GENERATED ALWAYS AS (coalesce(due_on, date '9999-12-31')) STORED,
        due_is_provisional boolean NOT NULL, is_overdue boolean NOT NULL,
        decision jsonb, reopened integer NOT NULL, filed_at timestamptz, accepted_at timestamptz,
        decided_at timestamptz, ended_at timestamptz, reason_digest text, UNIQUE (tenant_id, number))""")
    index_lists("requests.cases", "created_at", "updated_at", "due_by")
    for columns in ("state", "handler", "item_id", "organisation_id"):
        op.execute(f"CREATE INDEX ix_cases_{columns} ON requests.cases (tenant_id, {columns}, updated_at, id)")
    op.execute("CREATE INDEX ix_cases_provisional ON requests.cases (tenant_id, due_on, id) WHERE due_on IS NOT NULL")
    protect("requests.cases", rights=RIGHTS, organisation=True)
