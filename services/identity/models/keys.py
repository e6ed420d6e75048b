"""What every cell must know of tokens: the keys that sign them and those that were revoked; both are registers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from shared.database.rows import Aggregate, Register, TenantRow, aggregate


class PublishedKey(Register):
    """The public half of a key that signs one tenant's tokens."""

    __tablename__ = "published_keys"
    __table_args__ = {"schema": "identity"}


@aggregate
class TokenKey(Aggregate):
    """What signs this tenant's tokens; `until` is set when it is retired. The secret halves are a `TokenSecret`.

    `key` and `public` are the Ed25519 key of access tokens (and of ID tokens for clients that choose it); `id_keys` are
    the public JWKs that sign ID tokens only, by algorithm.
    """

    __tablename__ = "token_keys"
    __table_args__ = {"schema": "identity"}
    kind = "identity.token_key"
    untold = "the platform renews keys by itself"
    audited = ("state", "key", "until")
    register = PublishedKey

    key: Mapped[str]
    public: Mapped[str]
    id_keys: Mapped[dict[str, Any]]
    state: Mapped[str]
    until: Mapped[datetime | None]


class TokenSecret(TenantRow):
    """The secret halves, sealed; they never leave this cell. `id_sealed` are PKCS #8 keys in base64, by algorithm."""

    __tablename__ = "token_secrets"
    __table_args__ = {"schema": "identity"}

    key: Mapped[str] = mapped_column(primary_key=True)
    token_key_id: Mapped[UUID]
    sealed: Mapped[bytes]
    id_sealed: Mapped[bytes | None]
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
    untold = "it says of tokens what the audit log says of people"
    register = Revocations

    revoked: Mapped[dict[str, Any]]
