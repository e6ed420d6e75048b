"""Access tokens (RFC 9068, `at+jwt`): verified against the JWKS of the settings; the local stack also mints them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.errors import RefusedError
from shared.identity import b64encode, derived_key, derived_public_key
from shared.settings import Settings

ALGORITHMS = ["Ed25519", "EdDSA", "ES256"]
LARGEST_TOKEN = 8192
LEEWAY = 5
"""Seconds two machines' clocks may differ."""


class UnauthenticatedError(RefusedError):
    """No token, or one that is not believed."""

    status = 401


@dataclass(frozen=True)
class Claims:
    """Who a verified token says is acting, for which tenant, with which scopes."""

    subject: str
    tenant_id: UUID
    scopes: frozenset[str]
    organisation_id: UUID | None
    client_id: str


@dataclass(frozen=True)
class Verifier:
    """Verifies tokens of exactly one issuer for exactly one audience."""

    settings: Settings

    @cached_property
    def keys(self) -> KeySet:
        """The issuer's public keys."""
        return KeySet.import_key_set(dict(self.settings.jwks))  # type: ignore[arg-type]

    def claims(self, token: str) -> Claims:
        """The claims of a token; raises `UnauthenticatedError` unless everything about it holds."""
        if len(token) > LARGEST_TOKEN:
            raise _refused("token too large")
        try:
            decoded = jwt.decode(token, self.keys, algorithms=ALGORITHMS)
            self._check_header(decoded.header)
            self._check_claims(decoded.claims)
            return _claims(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _refused(f"{type(error).__name__}") from error

    def _check_header(self, header: Mapping[str, Any]) -> None:
        # A key the token itself brings along proves nothing.
        if header.get("typ", "").lower() not in ("at+jwt", "application/at+jwt") or {"jwk", "jku", "x5u"} & set(header):
            raise ValueError("not an access token")

    def _check_claims(self, claims: Mapping[str, Any]) -> None:
        now = time.time()
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        in_time = float(claims["iat"]) - LEEWAY <= now < float(claims["exp"]) + LEEWAY
        early = float(claims.get("nbf", 0)) - LEEWAY > now
        if claims["iss"] != self.settings.issuer or self.settings.audience not in audience or not in_time or early:
            raise ValueError("issuer, audience or time")


def _claims(claims: Mapping[str, Any]) -> Claims:
    organisation = claims.get("org")
    return Claims(
        subject=_text(claims["sub"]),
        tenant_id=UUID(claims["tenant"]),
        scopes=frozenset(_text(claims.get("scope", ""), empty=True).split()),
        organisation_id=UUID(organisation) if organisation else None,
        client_id=_text(claims.get("client_id", claims["sub"])),
    )


def _text(value: object, *, empty: bool = False) -> str:
    if not isinstance(value, str) or (len(value) > 200 and not empty) or not (value or empty):
        raise ValueError("not a text")
    return value


def _refused(why: str) -> UnauthenticatedError:
    return UnauthenticatedError(
        "token_refused",
        f"访问令牌无效或已过期({why})。请重新登录或获取新令牌。",
        f"The access token is not valid or has expired ({why}). Sign in again or get a new one.",
    )


def local_jwks(secret: bytes) -> dict[str, Any]:
    """The JWKS of the local stack's issuer."""
    public = derived_public_key(secret, "issuer")
    return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": public, "kid": public[:16], "use": "sig"}]}


def mint(settings: Settings, *, tenant: UUID, scopes: Iterable[str], subject: str, seconds: int = 3600) -> str:
    """A token signed with the local stack's key: for development and demonstration only."""
    private = derived_key(settings.vault_key, "issuer")
    public = derived_public_key(settings.vault_key, "issuer")
    key = OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": public, "d": b64encode(private.private_bytes_raw()), "kid": public[:16]}
    )
    now = int(time.time())
    claims = {
        "iss": settings.issuer,
        "aud": settings.audience,
        "sub": subject,
        "client_id": "xietong-local",
        "tenant": str(tenant),
        "scope": " ".join(scopes),
        "iat": now,
        "exp": now + seconds,
        "jti": uuid4().hex,
    }
    header = {"alg": "Ed25519", "typ": "at+jwt", "kid": public[:16]}
    return jwt.encode(header, claims, key, algorithms=ALGORITHMS)
