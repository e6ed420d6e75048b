"""Projects and recognitions are found by their titles."""

from alembic import op

revision = "standards_0006"
down_revision = "standards_0005"
FOLDED = {"projects": "title_zh || ' ' || coalesce(title_en, '') || ' ' || subject",
          "recognitions": "title_zh || ' ' || coalesce(title_en, '')"}  # fmt: skip


def upgrade() -> None:
    """Expand."""
    for table, texts in FOLDED.items():
        op.execute(f"""ALTER TABLE standards.{table} ADD COLUMN folded text NOT NULL
            GENERATED ALWAYS AS (shared.folded({texts})) STORED""")
