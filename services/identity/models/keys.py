"""What every cell must know of tokens: the keys that sign them and those that were revoked; both are registers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from shared.directory import Register
from shared.model import Aggregate, TenantRow, aggregate


class PublishedKey(Register):
    """The public half of a key that signs one tenant's tokens."""

    __tablename__ = "published_keys"
    __table_args__ = {"schema": "identity"}


@aggregate
class TokenKey(Aggregate):
    """A key that signs this tenant's tokens; `until` is set when it is retired. Its secret half is a `TokenSecret`."""

    __tablename__ = "token_keys"
    __table_args__ = {"schema": "identity"}
    kind = "identity.token_key"
    register = PublishedKey

    key: Mapped[str]
    public: Mapped[str]
    state: Mapped[str]
    until: Mapped[datetime | None]


class TokenSecret(TenantRow):
    """The secret half, sealed; it never leaves this cell."""

    __tablename__ = "token_secrets"
    __table_args__ = {"schema": "identity"}

    key: Mapped[str] = mapped_column(primary_key=True)
    token_key_id: Mapped[UUID]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]


class Revocations(Register):
    """What each tenant has revoked, as this cell last heard."""

    __tablename__ = "revocations"
    __table_args__ = {"schema": "identity"}


@aggregate
class RevocationList(Aggregate):
    """What this tenant has revoked and may still have living tokens.

    `revoked` maps `jti:…`, `sid:…`, `sub:…`, `client:…` or `*` to the instant before which a token issued is void,
    with its owner where that voided its own (see `domain.revoked`).
    """

    __tablename__ = "revocation_lists"
    __table_args__ = {"schema": "identity"}
    kind = "identity.revocation_list"
    register = Revocations

    revoked: Mapped[dict[str, Any]]
