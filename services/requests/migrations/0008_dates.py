"""Dates that both sides agree on for the answer, and how they are kept."""

from alembic import op

revision = "requests_0008"
down_revision = "requests_0007"
COUNTED = (
    "filed_at, handler, home_id, item_id, accepted_in_term, answered_in_term, own_days, decision, is_overdue,"
    " agreed_kept"
)
"""The columns of a case that a tally depends on."""
COUNTS = {
    "cases": "1",
    "accepted": "(one.accepted_in_term IS NOT NULL)::int",
    "accepted_in_term": "(one.accepted_in_term IS TRUE)::int",
    "decided": "(one.answered_in_term IS NOT NULL)::int",
    "decided_in_term": "(one.answered_in_term IS TRUE)::int",
    "timed": "(one.own_days IS NOT NULL)::int",
    "own_days": "coalesce(one.own_days, 0)",
    "refused": "(coalesce(one.decision->>'outcome', '') = 'refused')::int",
    "overdue": "one.is_overdue::int",
    "dated": "(one.agreed_kept IS NOT NULL)::int",
    "dated_kept": "(one.agreed_kept IS TRUE)::int",
}


def upgrade() -> None:
    """Expand."""
    op.execute("""ALTER TABLE requests.cases ADD COLUMN proposal jsonb, ADD COLUMN proposals integer NOT NULL DEFAULT 0,
        ADD COLUMN agreed_on date, ADD COLUMN agreed_kept boolean""")
    op.execute("""ALTER TABLE requests.tallies ADD COLUMN dated integer NOT NULL DEFAULT 0,
        ADD COLUMN dated_kept integer NOT NULL DEFAULT 0""")
    added = ", ".join(f"{name} = kept.{name} + sign * {of}" for name, of in COUNTS.items())
    op.execute(f"""CREATE OR REPLACE FUNCTION requests.tally(one requests.cases, sign integer) RETURNS void
        LANGUAGE plpgsql AS $$
        DECLARE filed date := (one.filed_at AT TIME ZONE interval '8 hours')::date;
        BEGIN
            IF filed IS NULL THEN RETURN; END IF;
            UPDATE requests.tallies AS kept SET {added}
            WHERE kept.tenant_id = one.tenant_id AND kept.id = (
                SELECT free.id FROM requests.tallies AS free
                WHERE free.tenant_id = one.tenant_id AND free.day = filed AND free.handler = one.handler
                    AND free.home = one.home_id AND free.item_id = one.item_id
                LIMIT 1 FOR UPDATE SKIP LOCKED);
            IF NOT FOUND THEN
                INSERT INTO requests.tallies (tenant_id, day, handler, home, item_id, {", ".join(COUNTS)})
                VALUES (one.tenant_id, filed, one.handler, one.home_id, one.item_id,
                    {", ".join(f"sign * {of}" for of in COUNTS.values())});
            END IF;
        END $$""")
    op.execute("DROP TRIGGER tallied_update ON requests.cases")
    op.execute(f"""CREATE TRIGGER tallied_update AFTER UPDATE OF {COUNTED} ON requests.cases FOR EACH ROW
        WHEN (({_of("OLD")}) IS DISTINCT FROM ({_of("NEW")})) EXECUTE FUNCTION requests.tally_change()""")


def _of(row: str) -> str:
    return ", ".join(f"{row}.{name}" for name in COUNTED.split(", "))
