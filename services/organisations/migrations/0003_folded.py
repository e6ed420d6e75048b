"""Organisations and cards are found by folded text: search keys are made anew, in the folding of today."""

from alembic import op
from sqlalchemy import text

from services.organisations.domain.names import keys_of

revision = "organisations_0003"
down_revision = "organisations_0002"
NAMED = "code, name_zh, name_en, former_names, predecessors, state"
TABLES = ("organisations.organisations", "organisations.search_keys")
STEP = 1000


def upgrade() -> None:
    """Expand."""
    op.execute("""ALTER TABLE organisations.organisations ADD COLUMN folded text NOT NULL
        GENERATED ALWAYS AS (shared.folded(name_zh)) STORED""")
    op.execute("""ALTER TABLE organisations.cards_register ADD COLUMN folded text NOT NULL GENERATED ALWAYS AS
        (shared.folded(coalesce(state->>'name_zh', '') || ' ' || coalesce(state->>'name_en', ''))) STORED""")
    # The owner sees no row of any tenant while row-level security is forced; nobody else is let in meanwhile.
    for table in TABLES:
        op.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    _rekey()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _rekey() -> None:
    connection = op.get_bind()
    connection.execute(text("DELETE FROM organisations.search_keys"))
    keep = text("""INSERT INTO organisations.search_keys (tenant_id, organisation_id, key, rank)
        VALUES (:tenant, :organisation, :key, :rank)""")
    here = "WHERE tenant_id = ANY (party_ids)"
    found = connection.execute(text(f"SELECT tenant_id, id, {NAMED} FROM organisations.organisations {here}"))
    for rows in found.mappings().partitions(STEP):
        made = [
            {"tenant": row["tenant_id"], "organisation": row["id"], "key": key, "rank": rank}
            for row in rows
            for key, rank in keys_of(dict(row)).items()
        ]
        if made:
            connection.execute(keep, made)
