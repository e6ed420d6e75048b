"""Certificates are found by the beginning of their number, of its year and of what is drawn."""

from alembic import op

revision = "standards_0007"
down_revision = "standards_0006"
PARTS = {"dated": 19, "drawn": 14}


def upgrade() -> None:
    """Expand. By characters in whatever order the database sorts, so that a beginning is a range of an index."""
    op.execute('ALTER TABLE standards.certificates ALTER COLUMN number TYPE text COLLATE "C"')
    for part, length in PARTS.items():
        op.execute(f"""ALTER TABLE standards.certificates ADD COLUMN {part} text COLLATE "C" NOT NULL
            GENERATED ALWAYS AS (right(number, {length})) STORED""")
        op.execute(f"CREATE INDEX ix_certificates_{part} ON standards.certificates (tenant_id, {part}, id)")
