"""Facilities, bookings, taken times, and the slots of which no two overlap."""

from alembic import op

from services.facilities.domain.booking import BOOKING_LIFECYCLE
from services.facilities.domain.facility import FACILITY_LIFECYCLE
from shared.database.migrating import (
    AGGREGATE_COLUMNS,
    REGISTER_COLUMNS,
    index_lists,
    open_schema,
    protect,
    publish_register,
)

revision = "facilities_0001"
down_revision = None
RIGHTS = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    """Expand."""
    open_schema("facilities")
    _facilities()
    _occupancy()
    _bookings()
    _slots()


def _facilities() -> None:
    op.execute(f"""CREATE TABLE facilities.facilities ({AGGREGATE_COLUMNS},
        tenant uuid NOT NULL, state text NOT NULL CHECK ({FACILITY_LIFECYCLE.check_sql()}),
        name_zh text NOT NULL, name_en text, facility_kind text NOT NULL, place text NOT NULL, division text,
        capacity integer NOT NULL, open_to text[] NOT NULL, only_for uuid[] NOT NULL, hours jsonb NOT NULL,
        closed_days text[] NOT NULL, slot_minutes integer NOT NULL, most_slots integer NOT NULL,
        days_ahead integer NOT NULL, price_rule text, hourly_price numeric(12, 2), approval text NOT NULL,
        check_in boolean NOT NULL, reason_digest text)""")
    protect("facilities.facilities", rights=RIGHTS)
    op.execute(f"""CREATE TABLE facilities.facilities_register ({REGISTER_COLUMNS},
        tenant uuid NOT NULL GENERATED ALWAYS AS ((state->>'tenant')::uuid) STORED,
        status text NOT NULL GENERATED ALWAYS AS (state->>'state') STORED,
        name_zh text NOT NULL GENERATED ALWAYS AS (state->>'name_zh') STORED,
        folded text NOT NULL GENERATED ALWAYS AS (
            shared.folded((state->>'name_zh') || ' ' || coalesce(state->>'name_en', ''))) STORED)""")
    op.execute("CREATE INDEX ix_facilities_register_name ON facilities.facilities_register (name_zh, id)")
    op.execute("CREATE INDEX ix_facilities_register_tenant ON facilities.facilities_register (tenant, name_zh, id)")
    publish_register("facilities.facilities_register")


def _occupancy() -> None:
    op.execute(f"""CREATE TABLE facilities.occupancy ({AGGREGATE_COLUMNS},
        tenant uuid NOT NULL, facility_id uuid NOT NULL, monday date NOT NULL, taken jsonb NOT NULL)""")
    protect("facilities.occupancy", rights=RIGHTS)
    op.execute(f"""CREATE TABLE facilities.occupancy_register ({REGISTER_COLUMNS},
        tenant uuid NOT NULL GENERATED ALWAYS AS ((state->>'tenant')::uuid) STORED,
        facility_id uuid NOT NULL GENERATED ALWAYS AS ((state->>'facility_id')::uuid) STORED,
        monday text NOT NULL GENERATED ALWAYS AS (state->>'monday') STORED)""")
    publish_register("facilities.occupancy_register")


def _bookings() -> None:
    op.execute(f"""CREATE TABLE facilities.bookings ({AGGREGATE_COLUMNS},
        facility_id uuid NOT NULL, owner_id uuid NOT NULL, organisation_id uuid,
        name_zh text NOT NULL, name_en text, starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL,
        people integer NOT NULL, purpose text NOT NULL, waits boolean NOT NULL,
        state text NOT NULL CHECK ({BOOKING_LIFECYCLE.check_sql()}), because text, price numeric(14, 2),
        check_in boolean NOT NULL, arrived_at timestamptz, used_hours numeric(8, 2), reason_digest text)""")
    protect("facilities.bookings", rights=RIGHTS, organisation=True)
    index_lists("facilities.bookings", "created_at", "updated_at", "starts_at")
    op.execute("CREATE INDEX ix_bookings_facility ON facilities.bookings (tenant_id, facility_id, starts_at, id)")
    for column in ("state", "organisation_id", "owner_id", "home_id"):
        op.execute(f"CREATE INDEX ix_bookings_{column} ON facilities.bookings (tenant_id, {column}, created_at, id)")


def _slots() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA facilities")
    op.execute("""CREATE TABLE facilities.slots (
        tenant_id uuid NOT NULL, booking_id uuid NOT NULL, facility_id uuid NOT NULL,
        starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL CHECK (starts_at <= ends_at),
        state text NOT NULL CHECK (state IN ('held', 'waiting')), since timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, booking_id),
        CONSTRAINT no_two_overlap EXCLUDE USING gist (
            tenant_id WITH =, facility_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (state = 'held'))""")
    op.execute("CREATE INDEX ix_slots_facility ON facilities.slots (tenant_id, facility_id, state, starts_at)")
    protect("facilities.slots")
