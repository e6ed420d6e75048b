"""Standards and bodies are found by folded text, and a standard's subject is compared as it is seen."""

from alembic import op

revision = "standards_0002"
down_revision = "standards_0001"
FOLDED = {
    "standards_register": ("title_zh", "title_en", "subject", "numbers"),
    "bodies_register": ("name_zh", "name_en"),
}


def upgrade() -> None:
    """Expand."""
    for table, names in FOLDED.items():
        texts = " || ' ' || ".join(f"coalesce(state->>'{name}', '')" for name in names)
        op.execute(f"""ALTER TABLE standards.{table} ADD COLUMN folded text NOT NULL
            GENERATED ALWAYS AS (shared.folded({texts})) STORED""")
    op.execute("""CREATE INDEX ix_standards_register_folded_subject
        ON standards.standards_register (shared.folded(subject), id)""")
