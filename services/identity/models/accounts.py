"""Rows about people: accounts, memberships, roles, browser sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from services.identity.domain.roles import Duty, Role
from shared.database.rows import TenantRow


class User(TenantRow):
    """An account, kept by one tenant; `sealed` holds name and e-mail, which nothing else here repeats.

    `links` names the other tenants where the account has a membership. `otp_step` is the time step of the last one-time
    password that counted, so that none counts twice (RFC 6238, 5.2); `recovery` are hashes of unused recovery codes.
    """

    __tablename__ = "users"
    __table_args__ = {"schema": "identity"}
    called = "用户 / user"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str]
    state: Mapped[str]
    sealed: Mapped[bytes | None]
    password_hash: Mapped[str | None]
    password_at: Mapped[datetime | None]
    otp_sealed: Mapped[bytes | None]
    otp_at: Mapped[datetime | None]
    otp_step: Mapped[int]
    recovery: Mapped[list[str]]
    links: Mapped[list[UUID]]
    provider_id: Mapped[UUID | None]
    provider_subject: Mapped[str | None]
    invitation_hash: Mapped[str | None]
    invitation_until: Mapped[datetime | None]
    reset_asked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]

    @property
    def etag(self) -> str:
        """As an aggregate's; accounts have one epoch."""
        return f"1.{self.version}"

    def touch(self, now: datetime) -> None:
        """It has changed: whoever read it before must read it again."""
        self.updated_at, self.version = now, self.version + 1


class FormerName(TenantRow):
    """What `sealed` of an account was until then; gone with the person's erasure."""

    __tablename__ = "former_names"
    __table_args__ = {"schema": "identity"}

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    until: Mapped[datetime] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]


class Membership(TenantRow):
    """That an account, kept by the tenant `account_id`, may act for this tenant, or for one organisation of it."""

    __tablename__ = "memberships"
    __table_args__ = {"schema": "identity"}

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    organisation_id: Mapped[UUID | None]
    state: Mapped[str]
    invitation_hash: Mapped[str | None]
    invitation_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Grant(TenantRow):
    """A role a member holds; a unique index over `duty` lets nobody hold two that exclude each other."""

    __tablename__ = "grants"
    __table_args__ = {"schema": "identity"}

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    duty: Mapped[str]
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]


class OwnRole(TenantRow):
    """A role that a tenant has defined beside the built-in ones."""

    __tablename__ = "roles"
    __table_args__ = {"schema": "identity"}

    name: Mapped[str] = mapped_column(primary_key=True)
    zh: Mapped[str]
    en: Mapped[str]
    scopes: Mapped[list[str]]
    duty: Mapped[str]
    second_factor: Mapped[bool]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")

    @property
    def etag(self) -> str:
        """As an aggregate's; roles have one epoch."""
        return f"1.{self.version}"

    @property
    def role(self) -> Role:
        """As the built-in ones."""
        return Role(self.name, self.zh, self.en, tuple(self.scopes), cast("Duty", self.duty), self.second_factor)


class WebSession(TenantRow):
    """A browser's session with an account of this tenant; the cookie's secret is kept as a hash.

    `for_tenant_id` is the tenant the person has chosen to act for. `methods` as `amr` (RFC 8176): pwd, otp, fed.
    """

    __tablename__ = "sessions"
    __table_args__ = {"schema": "identity"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[str]
    user_id: Mapped[UUID]
    for_tenant_id: Mapped[UUID | None]
    methods: Mapped[list[str]]
    authenticated_at: Mapped[datetime]
    factor_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str | None]
    agent: Mapped[str]


class SignInRules(TenantRow):
    """What a tenant's sign-in page offers; at most one row."""

    __tablename__ = "sign_in_rules"
    __table_args__ = {"schema": "identity"}
    __mapper_args__ = {"primary_key": ["tenant_id"]}

    forgotten_passwords: Mapped[bool]
    updated_at: Mapped[datetime]


class Failure(TenantRow):
    """How often signing in to an account failed from one address; `key` is a hash of both, or of the account alone."""

    __tablename__ = "failures"
    __table_args__ = {"schema": "identity"}

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class Device(TenantRow):
    """A browser that has signed in to an account before: attacks from elsewhere do not lock it out."""

    __tablename__ = "devices"
    __table_args__ = {"schema": "identity"}

    hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    created_at: Mapped[datetime]


class Provider(TenantRow):
    """A tenant's own OpenID Connect provider; `claims` maps its claims to `login`, `name` and `email`."""

    __tablename__ = "providers"
    __table_args__ = {"schema": "identity"}
    called = "外部身份源 / provider"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    label: Mapped[str]
    issuer: Mapped[str]
    client_id: Mapped[str]
    sealed: Mapped[bytes]
    scopes: Mapped[list[str]]
    claims: Mapped[dict[str, Any]]
    domain: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")

    @property
    def etag(self) -> str:
        """As an aggregate's; providers have one epoch."""
        return f"1.{self.version}"
