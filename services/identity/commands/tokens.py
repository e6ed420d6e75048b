"""Access tokens (RFC 9068), signed with the key of the tenant they are for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from joserfc import jwt
from joserfc.jwk import OKPKey

from services.identity.commands.keys import id_token_key, token_signer
from shared.core.derived_keys import public_text
from shared.core.encoding import b64encode
from shared.http.requests.tokens import ACCESS_SECONDS, ALGORITHM, SECOND_FACTOR
from shared.journal.session import Session


@dataclass(frozen=True, kw_only=True)
class TokenHolder:
    """Whom a token is for: a person in a session, or a client for itself (no `session`, no `authenticated_at`)."""

    subject: str
    client_id: str
    scopes: Collection[str]
    roles: Collection[str] = ()
    organisation_id: UUID | None = None
    session: str | None = None
    methods: Collection[str] = ()
    authenticated_at: datetime | None = None
    factor_at: datetime | None = None
    until: datetime | None = None
    """When the client's registration ends, and its tokens with it."""


def access_token(session: Session, holder: TokenHolder) -> str:
    """A signed access token of the session's tenant, good for ten minutes and never longer than its client."""
    # With milliseconds (RFC 7519 allows them): a token made just after a revocation is not one made before it.
    now = round(session.clock.now().timestamp(), 3)
    claims = {
        "iss": session.settings.issuer,
        "aud": session.settings.audience,
        "sub": holder.subject,
        "client_id": holder.client_id,
        "tenant": str(session.context.tenant_id),
        "roles": sorted(holder.roles),
        "scope": " ".join(sorted(holder.scopes)),
        "iat": now,
        "exp": int(now) + access_seconds(session, until=holder.until),
        "jti": uuid4().hex,
    }
    if holder.authenticated_at is not None:
        claims["amr"] = sorted(holder.methods)
        claims["auth_time"] = int((holder.factor_at or holder.authenticated_at).timestamp())
    if holder.authenticated_at is not None and holder.factor_at is not None:
        claims["acr"] = SECOND_FACTOR
    if holder.organisation_id is not None:
        claims["org"] = str(holder.organisation_id)
    if holder.session is not None:
        claims["sid"] = holder.session
    return signed(session, claims, kind="at+jwt")


def access_seconds(session: Session, *, until: datetime | None) -> int:
    """How long an access token made now is good for, when its client's registration ends at `until`."""
    if until is None:
        return ACCESS_SECONDS
    return max(0, min(ACCESS_SECONDS, int(until.timestamp()) - int(session.clock.now().timestamp())))


def signed(session: Session, claims: dict[str, object], *, kind: str) -> str:
    """A compact JWS of `claims`, signed with the token key of the session's tenant; `kind` is its `typ`."""
    signer = token_signer(session)
    header = {"alg": ALGORITHM, "typ": kind, "kid": signer.key}
    private = signer.private
    key = OKPKey.import_key(
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "kid": signer.key,
            "x": public_text(private.public_key()),
            "d": b64encode(private.private_bytes_raw()),
        }
    )
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def signed_id_token(session: Session, claims: dict[str, object], *, algorithm: str) -> str:
    """A compact JWS of an ID token's claims in the algorithm of its client's choice."""
    if algorithm == ALGORITHM:
        return signed(session, claims, kind="JWT")
    key = id_token_key(session, algorithm)
    return jwt.encode({"alg": algorithm, "typ": "JWT", "kid": str(key.kid)}, claims, key, algorithms=[algorithm])
