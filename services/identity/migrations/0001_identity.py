"""Accounts, clients, what they were handed, and the two registers about tokens."""

from alembic import op

from services.identity.domain.keys import KEY_LIFECYCLE
from services.identity.domain.users import CLIENT_LIFECYCLE, MEMBERSHIP_LIFECYCLE, USER_LIFECYCLE
from shared.database.migrating import AGGREGATE_COLUMNS, open_schema, protect, publish_register

revision = "identity_0001"
down_revision = None

KEPT = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    """Expand."""
    open_schema("identity")
    _accounts()
    _roles()
    _sessions()
    _clients()
    _handed_out()
    _registers()


def _accounts() -> None:
    op.execute(f"""CREATE TABLE identity.users (
        tenant_id uuid NOT NULL, id uuid NOT NULL, login text NOT NULL,
        state text NOT NULL CHECK ({USER_LIFECYCLE.check_sql()}), sealed bytea, password_hash text,
        password_at timestamptz, otp_sealed bytea, otp_at timestamptz, otp_step integer NOT NULL,
        recovery text[] NOT NULL, links uuid[] NOT NULL, provider_id uuid, provider_subject text,
        invitation_hash text, invitation_until timestamptz, created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL, version integer NOT NULL,
        PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, login))""")
    op.execute("""CREATE UNIQUE INDEX uq_users_provider ON identity.users (tenant_id, provider_id, provider_subject)
        WHERE provider_subject IS NOT NULL""")
    op.execute("CREATE INDEX ix_users_invitation ON identity.users (tenant_id, invitation_hash)")
    protect("identity.users", rights=KEPT)
    op.execute(f"""CREATE TABLE identity.memberships (
        tenant_id uuid NOT NULL, user_id uuid NOT NULL, account_id uuid NOT NULL, organisation_id uuid,
        state text NOT NULL CHECK ({MEMBERSHIP_LIFECYCLE.check_sql()}), invitation_hash text,
        invitation_until timestamptz, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, user_id))""")
    op.execute("CREATE INDEX ix_memberships_invitation ON identity.memberships (tenant_id, invitation_hash)")
    protect("identity.memberships", rights=KEPT, organisation=True)
    op.execute("""CREATE TABLE identity.providers (
        tenant_id uuid NOT NULL, id uuid NOT NULL, label text NOT NULL, issuer text NOT NULL, client_id text NOT NULL,
        sealed bytea NOT NULL, scopes text[] NOT NULL, claims jsonb NOT NULL, domain text,
        created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, version integer NOT NULL DEFAULT 1,
        PRIMARY KEY (tenant_id, id))""")
    protect("identity.providers")


def _roles() -> None:
    op.execute("""CREATE TABLE identity.roles (
        tenant_id uuid NOT NULL, name text NOT NULL, zh text NOT NULL, en text NOT NULL, scopes text[] NOT NULL,
        duty text NOT NULL CHECK (duty IN ('daily', 'system', 'security', 'audit')), second_factor boolean NOT NULL,
        created_at timestamptz NOT NULL, version integer NOT NULL DEFAULT 1, PRIMARY KEY (tenant_id, name))""")
    protect("identity.roles")
    op.execute("""CREATE TABLE identity.grants (
        tenant_id uuid NOT NULL, user_id uuid NOT NULL, role text NOT NULL,
        duty text NOT NULL CHECK (duty IN ('daily', 'system', 'security', 'audit')), granted_by text NOT NULL,
        granted_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, user_id, role),
        CHECK (role <> 'system_administrator' OR duty = 'system'),
        CHECK (role <> 'security_administrator' OR duty = 'security'),
        CHECK (role <> 'audit_administrator' OR duty = 'audit'))""")
    # System, security and audit administration exclude each other (GB/T 22239-2019): one row of them a person.
    op.execute("CREATE UNIQUE INDEX uq_grants_duty ON identity.grants (tenant_id, user_id) WHERE duty <> 'daily'")
    protect("identity.grants")


def _sessions() -> None:
    op.execute("""CREATE TABLE identity.sessions (
        tenant_id uuid NOT NULL, id uuid NOT NULL, secret_hash text NOT NULL, user_id uuid NOT NULL, for_tenant_id uuid,
        methods text[] NOT NULL, authenticated_at timestamptz NOT NULL, factor_at timestamptz,
        created_at timestamptz NOT NULL, seen_at timestamptz NOT NULL, ended_at timestamptz, address text,
        agent text NOT NULL, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, secret_hash))""")
    op.execute("CREATE INDEX ix_sessions_user ON identity.sessions (tenant_id, user_id, created_at DESC)")
    protect("identity.sessions")
    op.execute("""CREATE TABLE identity.failures (
        tenant_id uuid NOT NULL, key text NOT NULL, count integer NOT NULL, last_at timestamptz NOT NULL,
        blocked_until timestamptz, PRIMARY KEY (tenant_id, key))""")
    op.execute("CREATE INDEX ix_failures_last ON identity.failures (tenant_id, last_at)")
    protect("identity.failures")
    op.execute("""CREATE TABLE identity.devices (
        tenant_id uuid NOT NULL, hash text NOT NULL, user_id uuid NOT NULL, created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, hash))""")
    op.execute("CREATE INDEX ix_devices_user ON identity.devices (tenant_id, user_id, created_at DESC)")
    protect("identity.devices")


def _clients() -> None:
    op.execute(f"""CREATE TABLE identity.clients (
        tenant_id uuid NOT NULL, name text NOT NULL, label text NOT NULL,
        client_kind text NOT NULL CHECK (client_kind IN ('public', 'web', 'machine')),
        state text NOT NULL CHECK ({CLIENT_LIFECYCLE.check_sql()}), redirect_uris text[] NOT NULL,
        logout_uris text[] NOT NULL, scopes text[] NOT NULL, networks text[] NOT NULL, expires_at timestamptz,
        used_at timestamptz, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
        version integer NOT NULL DEFAULT 1, PRIMARY KEY (tenant_id, name))""")
    protect("identity.clients", rights=KEPT)
    op.execute("""CREATE TABLE identity.credentials (
        tenant_id uuid NOT NULL, id uuid NOT NULL, client text NOT NULL,
        credential_kind text NOT NULL CHECK (credential_kind IN ('secret', 'key')), secret_hash text, jwk jsonb,
        expires_at timestamptz, used_at timestamptz, ended_at timestamptz, created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, id))""")
    op.execute("CREATE INDEX ix_credentials_client ON identity.credentials (tenant_id, client)")
    protect("identity.credentials", rights=KEPT)
    op.execute("""CREATE TABLE identity.assertions (
        tenant_id uuid NOT NULL, hash text NOT NULL, expires_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, hash))""")
    op.execute("CREATE INDEX ix_assertions_expiry ON identity.assertions (tenant_id, expires_at)")
    protect("identity.assertions")
    op.execute("""CREATE TABLE identity.consents (
        tenant_id uuid NOT NULL, user_id uuid NOT NULL, client_id text NOT NULL, scope text NOT NULL,
        given_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, user_id, client_id))""")
    protect("identity.consents")


def _handed_out() -> None:
    op.execute("""CREATE TABLE identity.codes (
        tenant_id uuid NOT NULL, hash text NOT NULL, client_id text NOT NULL, request jsonb NOT NULL,
        expires_at timestamptz NOT NULL, redeemed_at timestamptz, family_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, hash))""")
    protect("identity.codes")
    op.execute("""CREATE TABLE identity.families (
        tenant_id uuid NOT NULL, id uuid NOT NULL, client_id text NOT NULL, user_id uuid NOT NULL,
        account_id uuid NOT NULL, session_id uuid, scope text NOT NULL, methods text[] NOT NULL,
        authenticated_at timestamptz NOT NULL, factor_at timestamptz, created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL, ended_at timestamptz, ended_by text, PRIMARY KEY (tenant_id, id))""")
    op.execute("CREATE INDEX ix_families_user ON identity.families (tenant_id, user_id)")
    op.execute("CREATE INDEX ix_families_session ON identity.families (tenant_id, session_id)")
    op.execute("CREATE INDEX ix_families_expiry ON identity.families (tenant_id, expires_at)")
    protect("identity.families")
    op.execute("""CREATE TABLE identity.refresh_tokens (
        tenant_id uuid NOT NULL, hash text NOT NULL, family_id uuid NOT NULL, expires_at timestamptz NOT NULL,
        used_at timestamptz, PRIMARY KEY (tenant_id, hash))""")
    op.execute("CREATE INDEX ix_refresh_tokens_family ON identity.refresh_tokens (tenant_id, family_id)")
    op.execute("CREATE INDEX ix_refresh_tokens_expiry ON identity.refresh_tokens (tenant_id, expires_at)")
    protect("identity.refresh_tokens")
    op.execute("""CREATE TABLE identity.device_codes (
        tenant_id uuid NOT NULL, hash text NOT NULL, user_code_hash text NOT NULL, client_id text NOT NULL,
        scope text NOT NULL, state text NOT NULL CHECK (state IN ('waiting', 'approved', 'refused', 'redeemed')),
        approval jsonb, polled_at timestamptz, expires_at timestamptz NOT NULL, address text,
        PRIMARY KEY (tenant_id, hash), UNIQUE (tenant_id, user_code_hash))""")
    protect("identity.device_codes")


def _registers() -> None:
    columns = """entry_hash text NOT NULL, epoch integer NOT NULL, version integer NOT NULL, state jsonb NOT NULL,
        entry bytea NOT NULL, signature text NOT NULL, received_at timestamptz NOT NULL"""
    op.execute(f"CREATE TABLE identity.published_keys (id uuid PRIMARY KEY, {columns})")
    publish_register("identity.published_keys")
    op.execute(f"CREATE TABLE identity.revocations (id uuid PRIMARY KEY, {columns})")
    publish_register("identity.revocations")
    op.execute(f"""CREATE TABLE identity.token_keys ({AGGREGATE_COLUMNS},
        key text NOT NULL, public text NOT NULL, state text NOT NULL CHECK ({KEY_LIFECYCLE.check_sql()}),
        until timestamptz)""")
    protect("identity.token_keys", rights=KEPT)
    op.execute("""CREATE TABLE identity.token_secrets (
        tenant_id uuid NOT NULL, key text NOT NULL, token_key_id uuid NOT NULL, sealed bytea NOT NULL,
        created_at timestamptz NOT NULL, PRIMARY KEY (tenant_id, key))""")
    protect("identity.token_secrets")
    op.execute(f"CREATE TABLE identity.revocation_lists ({AGGREGATE_COLUMNS}, revoked jsonb NOT NULL)")
    protect("identity.revocation_lists", rights=KEPT)
