"""One look over a cell tells where something is due; beats name what changed; the directory numbers its changes."""

from alembic import op

from shared.database.migrating import RELAY, WORKER

revision = "shared_0014"
down_revision = "shared_0013"

WAITING = (
    ("heads", "waiting <> '{}'", "tenant_id, next_at, attempts"),
    ("progress", "status <> 'in_step'", "tenant_id, status, version, ask_at, applied_at, waits_since"),
    ("commands", "state = 'pending'", "tenant_id, next_at, sent_at, expires_at"),
    ("signing_keys", "active_at IS NULL", "tenant_id, created_at"),
    ("audit_inbox", "true", "tenant_id"),
    ("broadcasts", "position IS NULL", "tenant_id"),
    ("broadcast_logs", "true", "tenant_id, position, chain, numbered_at"),
    ("idempotency", "true", "tenant_id, created_at"),
    ("executions", "coalesce(answer->'problem'->>'code', '') <> 'expires_too_late'", "tenant_id, executed_at"),
    ("files", "cited_at IS NULL", "tenant_id, received_at"),
)
"""Tables of tenants, the rows among which whoever looks sees those that wait, and of these whose they are and since
when: nothing of what they hold."""


def upgrade() -> None:
    """Expand."""
    _beats()
    for table, waits, columns in WAITING:
        op.execute(f"CREATE POLICY shared_{table}_relay ON shared.{table} FOR SELECT TO {RELAY} USING ({waits})")
        op.execute(f"GRANT SELECT ({columns}) ON shared.{table} TO {RELAY}")
    op.execute(f"GRANT SELECT (due_at, attempts) ON shared.timers TO {RELAY}")
    op.execute(f"GRANT SELECT (created_at) ON shared.reactions TO {RELAY}")
    op.execute("CREATE INDEX ix_idempotency_old ON shared.idempotency (tenant_id, created_at)")
    op.execute("CREATE INDEX ix_timers_open ON shared.timers (due_at) WHERE done_at IS NULL")
    op.execute("CREATE INDEX ix_signing_keys_new ON shared.signing_keys (tenant_id) WHERE active_at IS NULL")
    _directory()


def _beats() -> None:
    op.execute("ALTER TABLE shared.broadcast_logs ADD COLUMN numbered_at timestamptz NOT NULL DEFAULT now()")
    op.execute("CREATE INDEX ix_broadcast_logs_numbered ON shared.broadcast_logs (numbered_at)")
    op.execute("""ALTER TABLE shared.heard_cells ALTER COLUMN said_at DROP NOT NULL,
        ADD COLUMN heard_at timestamptz, ADD COLUMN part_at timestamptz, ADD COLUMN part integer,
        ADD COLUMN asks_at timestamptz""")
    op.execute("ALTER TABLE shared.heard_homes ADD COLUMN counted bigint, ADD COLUMN counted_chain text")
    op.execute("""CREATE INDEX ix_heard_homes_out_of_step ON shared.heard_homes (cell)
        WHERE behind OR position IS DISTINCT FROM counted""")


def _directory() -> None:
    # Whoever writes waits for who wrote before: numbers are given in the order in which they are seen.
    op.execute("CREATE SEQUENCE shared.directory_changes")
    op.execute(f"GRANT USAGE ON SEQUENCE shared.directory_changes TO {WORKER}")
    op.execute("""CREATE FUNCTION shared.number_directory_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('shared.directory_changes'));
        NEW.changed := nextval('shared.directory_changes');
        RETURN NEW;
    END $$""")
    op.execute("ALTER TABLE shared.directory ADD COLUMN changed bigint NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE shared.directory ALTER COLUMN changed DROP DEFAULT")
    op.execute("CREATE INDEX ix_directory_changed ON shared.directory (changed)")
    op.execute("""CREATE TRIGGER numbered BEFORE INSERT OR UPDATE ON shared.directory
        FOR EACH ROW EXECUTE FUNCTION shared.number_directory_change()""")
