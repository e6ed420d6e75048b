"""Organisations, their cards and search keys, contacts and imports."""

from alembic import op

from services.organisations.domain.imports import IMPORT_LIFECYCLE
from services.organisations.domain.organisation import KINDS, ORGANISATION_LIFECYCLE
from shared.database.migrating import AGGREGATE_COLUMNS, open_schema, protect, publish_register

revision = "organisations_0001"
down_revision = None

RIGHTS = "SELECT, INSERT, UPDATE"
ANY_KIND = f"({', '.join(map(repr, KINDS))})"


def upgrade() -> None:
    """Expand."""
    open_schema("organisations")
    _organisations()
    _cards()
    _search_keys()
    _contacts()
    _imports()


def _organisations() -> None:
    op.execute(f"""CREATE TABLE organisations.organisations ({AGGREGATE_COLUMNS},
        code text NOT NULL, name_zh text NOT NULL, name_en text, former_names text[] NOT NULL,
        organisation_kind text NOT NULL CHECK (organisation_kind IN {ANY_KIND}),
        sectors text[] NOT NULL, division text NOT NULL, qualifications jsonb NOT NULL, memberships jsonb NOT NULL,
        predecessors jsonb NOT NULL, public boolean NOT NULL,
        state text NOT NULL CHECK ({ORGANISATION_LIFECYCLE.check_sql()}),
        successor_id uuid, successor_code text, reason_digest text,
        organisation_id uuid NOT NULL GENERATED ALWAYS AS (id) STORED)""")
    # At home alone: another tenant's organisation with the same code may be introduced here.
    op.execute("""CREATE UNIQUE INDEX uq_organisations_code ON organisations.organisations (tenant_id, code)
        WHERE home_id = tenant_id""")
    op.execute("""CREATE INDEX ix_organisations_order
        ON organisations.organisations (tenant_id, created_at DESC, id DESC)""")
    protect("organisations.organisations", rights=RIGHTS, organisation=True)


def _cards() -> None:
    op.execute(f"""CREATE TABLE organisations.cards ({AGGREGATE_COLUMNS},
        organisation_id uuid NOT NULL, status text NOT NULL CHECK (status IN ('issued', 'recalled')), code text,
        name_zh text, name_en text, organisation_kind text, sectors text[] NOT NULL, division text,
        organisation_state text, successor_code text)""")
    protect("organisations.cards", rights=RIGHTS, organisation=True)
    op.execute("""CREATE TABLE organisations.cards_register (
        id uuid PRIMARY KEY, epoch integer NOT NULL, version integer NOT NULL, entry_hash text NOT NULL,
        state jsonb NOT NULL, entry bytea NOT NULL, signature text NOT NULL, received_at timestamptz NOT NULL,
        code text GENERATED ALWAYS AS (state->>'code') STORED,
        name_zh text GENERATED ALWAYS AS (state->>'name_zh') STORED)""")
    op.execute("CREATE INDEX ix_cards_register_code ON organisations.cards_register (code, id)")
    publish_register("organisations.cards_register")


def _search_keys() -> None:
    # Read by ranges of `key`, whose comparison is leakproof: under row-level security nothing else finds an index.
    op.execute("""CREATE TABLE organisations.search_keys (
        tenant_id uuid NOT NULL, rank integer NOT NULL, key text COLLATE "C" NOT NULL, organisation_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, rank, key, organisation_id))""")
    protect("organisations.search_keys", rights="SELECT, INSERT, DELETE", organisation=True)


def _contacts() -> None:
    op.execute("""CREATE TABLE organisations.contacts (
        tenant_id uuid NOT NULL, id uuid NOT NULL, organisation_id uuid NOT NULL, sealed bytea NOT NULL,
        created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, id))""")
    op.execute("CREATE INDEX ix_contacts_organisation ON organisations.contacts (tenant_id, organisation_id, id)")
    protect("organisations.contacts", organisation=True)


def _imports() -> None:
    op.execute(f"""CREATE TABLE organisations.imports (
        tenant_id uuid NOT NULL, id uuid NOT NULL, file text NOT NULL, form text NOT NULL, dry_run boolean NOT NULL,
        state text NOT NULL CHECK ({IMPORT_LIFECYCLE.check_sql()}), actor_id text NOT NULL, columns text[] NOT NULL,
        rows integer NOT NULL, seen integer NOT NULL, registered integer NOT NULL, revised integer NOT NULL,
        unchanged integer NOT NULL, refused integer NOT NULL, created_at timestamptz NOT NULL, started_at timestamptz,
        ended_at timestamptz, PRIMARY KEY (tenant_id, id))""")
    protect("organisations.imports", rights=RIGHTS)
    op.execute("""CREATE TABLE organisations.import_chunks (
        tenant_id uuid NOT NULL, import_id uuid NOT NULL, first_row integer NOT NULL, rows jsonb NOT NULL,
        PRIMARY KEY (tenant_id, import_id, first_row))""")
    protect("organisations.import_chunks", rights="SELECT, INSERT, DELETE")
    op.execute("""CREATE TABLE organisations.import_faults (
        tenant_id uuid NOT NULL, import_id uuid NOT NULL, "row" integer NOT NULL, cells text[] NOT NULL,
        faults jsonb NOT NULL, PRIMARY KEY (tenant_id, import_id, "row"))""")
    protect("organisations.import_faults", rights="SELECT, INSERT, DELETE")
