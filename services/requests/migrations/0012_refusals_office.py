"""How often the same was refused is for officials alone."""

from alembic import op

from shared.database.migrating import APP, WORKER

revision = "requests_0012"
down_revision = "requests_0011"


def upgrade() -> None:
    """Expand."""
    op.execute(f"""CREATE POLICY requests_refusals_office ON requests.refusals AS RESTRICTIVE TO {APP}, {WORKER}
        USING ((SELECT current_setting('app.scope', true)) = 'tenant')""")
