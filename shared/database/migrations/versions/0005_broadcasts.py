"""What homes broadcast, numbered; and in every cell how far it has heard them, and what it has missed."""

from alembic import op

from shared.database.migrating import protect, publish_register

revision = "shared_0005"
down_revision = "shared_0004"


def upgrade() -> None:
    """Expand."""
    _at_home()
    _at_registers()


def _at_home() -> None:
    op.execute("""CREATE TABLE shared.broadcasts (
        tenant_id uuid NOT NULL, aggregate_id uuid NOT NULL, epoch integer NOT NULL, version integer NOT NULL,
        position bigint, chain text, PRIMARY KEY (tenant_id, aggregate_id, epoch, version))""")
    op.execute("CREATE UNIQUE INDEX uq_broadcasts_position ON shared.broadcasts (tenant_id, position)")
    op.execute("CREATE INDEX ix_broadcasts_unnumbered ON shared.broadcasts (tenant_id) WHERE position IS NULL")
    protect("shared.broadcasts", rights="SELECT, INSERT, UPDATE")
    op.execute("""CREATE TABLE shared.broadcast_logs (
        tenant_id uuid NOT NULL, position bigint NOT NULL, chain text NOT NULL, told jsonb NOT NULL,
        PRIMARY KEY (tenant_id))""")
    protect("shared.broadcast_logs", rights="SELECT, INSERT, UPDATE")


def _at_registers() -> None:
    op.execute("CREATE TABLE shared.heard_cells (cell text PRIMARY KEY, said_at timestamptz NOT NULL)")
    publish_register("shared.heard_cells")
    op.execute("""CREATE TABLE shared.heard_homes (
        home uuid PRIMARY KEY, cell text NOT NULL, position bigint NOT NULL, chain text NOT NULL, kinds text NOT NULL,
        told_at timestamptz NOT NULL, behind boolean NOT NULL, known_until timestamptz, last jsonb,
        ask_at timestamptz, attempts integer NOT NULL)""")
    publish_register("shared.heard_homes")
    op.execute("""CREATE TABLE shared.register_gaps (
        aggregate_id uuid NOT NULL, home uuid NOT NULL, epoch integer NOT NULL, version integer NOT NULL,
        kind text NOT NULL, entry_hash text NOT NULL, heard_at timestamptz NOT NULL, known_until timestamptz,
        open boolean NOT NULL, asked_at timestamptz, PRIMARY KEY (aggregate_id, home, epoch, version))""")
    op.execute("CREATE INDEX ix_register_gaps_open ON shared.register_gaps (home) WHERE open")
    publish_register("shared.register_gaps")
    op.execute("""CREATE TABLE shared.register_lapses (
        source uuid NOT NULL, until timestamptz NOT NULL, known_until timestamptz, PRIMARY KEY (source, until))""")
    publish_register("shared.register_lapses")
    op.execute("DROP TABLE shared.heartbeats")
