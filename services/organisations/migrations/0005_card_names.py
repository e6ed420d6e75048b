"""The public card of an organisation is found by the organisation's id."""

from alembic import op

revision = "organisations_0005"
down_revision = "organisations_0004"


def upgrade() -> None:
    """Expand."""
    op.execute("""CREATE INDEX ix_cards_register_organisation
        ON organisations.cards_register ((state->>'organisation_id'))""")
