"""Keys that sign ID tokens in algorithms that every OpenID Connect library knows, and each client's choice of one."""

from alembic import op

revision = "identity_0002"
down_revision = "identity_0001"


def upgrade() -> None:
    """Expand; a set of keys made before signs ID tokens in Ed25519 alone, until it is rotated."""
    op.execute("ALTER TABLE identity.token_keys ADD COLUMN id_keys jsonb NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE identity.token_secrets ADD COLUMN id_sealed bytea")
    op.execute("""ALTER TABLE identity.clients ADD COLUMN id_token_signed_response_alg text NOT NULL DEFAULT 'RS256'
        CHECK (id_token_signed_response_alg IN ('RS256', 'ES256', 'Ed25519'))""")
