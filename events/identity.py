"""What the identity service publishes: keys and revocations, broadcast to all cells; nothing about persons."""

from __future__ import annotations

from datetime import datetime

from events.catalog import Change, event


@event("identity.token_key.published.v1", zh="公布令牌签名密钥", en="Token signing key published")
class TokenKeyPublished(Change):
    """Tokens of the tenant may be signed with this key from now on."""

    key: str


@event("identity.token_key.retired.v1", zh="停用令牌签名密钥", en="Token signing key retired")
class TokenKeyRetired(Change):
    """No token is signed with this key any more; it verifies until its last one is gone."""

    key: str
    until: datetime


@event("identity.revocation_list.changed.v1", zh="撤销令牌", en="Tokens revoked")
class TokensRevoked(Change):
    """Tokens issued before now are void, if they are of one of these sessions, owners, clients or ids."""

    revoked: list[str]
