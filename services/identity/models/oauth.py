"""Rows of the protocol: clients and what they were handed; secrets are kept as hashes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.identity.domain.scopes import EVERYTHING
from shared.database.rows import TenantRow


class Client(TenantRow):
    """A client; its public `client_id` is `<tenant code>.<name>`.

    `client_kind`: `public` (browser application or command line), `web` (confidential, redirects), `machine` (client
    credentials alone). `networks` are CIDR blocks it may come from; none means any.
    `id_token_signed_response_alg` is the signature of its ID tokens (OpenID Connect Dynamic Client Registration 1.0).
    """

    __tablename__ = "clients"
    __table_args__ = {"schema": "identity"}
    called = "客户端 / client"

    name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    client_kind: Mapped[str]
    state: Mapped[str]
    redirect_uris: Mapped[list[str]]
    logout_uris: Mapped[list[str]]
    scopes: Mapped[list[str]]
    networks: Mapped[list[str]]
    id_token_signed_response_alg: Mapped[str]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")

    @property
    def etag(self) -> str:
        """As an aggregate's; clients have one epoch."""
        return f"1.{self.version}"

    @property
    def is_built_in(self) -> bool:
        """Whether everybody of all tenants signs in with it, without consent."""
        return EVERYTHING in self.scopes


class Credential(TenantRow):
    """A secret (hashed) or a public key (JWK) of a client; two may overlap, so that it can be rotated."""

    __tablename__ = "credentials"
    __table_args__ = {"schema": "identity"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    client: Mapped[str]
    credential_kind: Mapped[str]
    secret_hash: Mapped[str | None]
    jwk: Mapped[dict[str, Any] | None]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Assertion(TenantRow):
    """A client's signed assertion (RFC 7523) that was accepted: its `jti` counts once, as a hash."""

    __tablename__ = "assertions"
    __table_args__ = {"schema": "identity"}

    hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class Code(TenantRow):
    """An authorization code of the tenant it was given for; `request` is what it stands for.

    Redeemed once, by one statement; a second time ends the family that came of it (`family_id`).
    """

    __tablename__ = "codes"
    __table_args__ = {"schema": "identity"}

    hash: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    request: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]
    family_id: Mapped[UUID]


class Family(TenantRow):
    """All refresh tokens that follow from one sign-in or approval; reuse of any ends it."""

    __tablename__ = "families"
    __table_args__ = {"schema": "identity"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    user_id: Mapped[UUID]
    account_id: Mapped[UUID]
    session_id: Mapped[UUID | None]
    scope: Mapped[str]
    methods: Mapped[list[str]]
    authenticated_at: Mapped[datetime]
    factor_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class RefreshToken(TenantRow):
    """One refresh token of a family; used once, by one statement."""

    __tablename__ = "refresh_tokens"
    __table_args__ = {"schema": "identity"}

    hash: Mapped[str] = mapped_column(primary_key=True)
    family_id: Mapped[UUID]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DeviceCode(TenantRow):
    """A device that waits to be let in (RFC 8628); lives with the client's tenant, `approval` says for whom."""

    __tablename__ = "device_codes"
    __table_args__ = {"schema": "identity"}

    hash: Mapped[str] = mapped_column(primary_key=True)
    user_code_hash: Mapped[str]
    client_id: Mapped[str]
    scope: Mapped[str]
    state: Mapped[str]
    approval: Mapped[dict[str, Any] | None]
    polled_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    address: Mapped[str | None]


class Consent(TenantRow):
    """What a person has allowed a client to do for this tenant."""

    __tablename__ = "consents"
    __table_args__ = {"schema": "identity"}

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    given_at: Mapped[datetime]
