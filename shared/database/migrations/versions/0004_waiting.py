"""What waits is tried again with pauses, told once, bounded and forgotten: progress, commands, rejected messages."""

from alembic import op

from shared.database.migrating import WORKER

revision = "shared_0004"
down_revision = "shared_0003"


def upgrade() -> None:
    """Expand."""
    _progress()
    _commands()
    _rejects()


def _progress() -> None:
    op.execute("""ALTER TABLE shared.progress ADD COLUMN asks integer NOT NULL DEFAULT 0, ADD COLUMN ask_at timestamptz,
        ADD COLUMN reported text, ADD COLUMN reported_at timestamptz, ADD COLUMN waits_since timestamptz""")
    op.execute("CREATE INDEX ix_progress_asks ON shared.progress (tenant_id, ask_at) WHERE status = 'held'")
    # The worker forgets what a home spoke of and never sent.
    op.execute(f"GRANT DELETE ON shared.progress TO {WORKER}")


def _commands() -> None:
    op.execute("""ALTER TABLE shared.commands ADD COLUMN message bytea, ADD COLUMN attempts integer NOT NULL DEFAULT 0,
        ADD COLUMN next_at timestamptz""")
    op.execute("ALTER TABLE shared.commands DROP CONSTRAINT commands_state_check")
    op.execute("""ALTER TABLE shared.commands ADD CONSTRAINT commands_state_check
        CHECK (state IN ('pending', 'done', 'refused', 'expired'))""")
    op.execute("CREATE INDEX ix_commands_next ON shared.commands (tenant_id, next_at) WHERE state = 'pending'")


def _rejects() -> None:
    op.execute("""ALTER TABLE shared.rejects ADD COLUMN sender_id uuid, ADD COLUMN waits_for text,
        ADD COLUMN attempts integer NOT NULL DEFAULT 0, ADD COLUMN retry_at timestamptz""")
    op.execute("CREATE INDEX ix_rejects_waiting ON shared.rejects (waits_for, retry_at) WHERE waits_for IS NOT NULL")
