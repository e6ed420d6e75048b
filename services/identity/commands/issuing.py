"""Tokens for people and machines, written from what their owners hold today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from authlib.oidc.core.util import create_half_hash

from services.identity.commands.families import session_name
from services.identity.commands.tokens import TokenHolder, access_token, signed_id_token
from services.identity.domain.persons import Person
from services.identity.domain.scopes import granted
from services.identity.models import Family
from shared.http.requests.tokens import ACCESS_SECONDS, ALGORITHM, SECOND_FACTOR
from shared.journal.session import Session


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The person a token is for: what was allowed (the family), what they may do today, and who they are."""

    family: Family
    person: Person
    scopes: frozenset[str]
    roles: tuple[str, ...]
    organisation_id: UUID | None
    nonce: str | None = None


def person_token(session: Session, owner: Owner, *, scope: str, until: datetime | None) -> tuple[str, str]:
    """An access token within `scope`, good at most `until` the client's end, and the scopes that it carries."""
    family, carried = owner.family, granted(scope, owner.scopes)
    holder = TokenHolder(
        subject=str(family.user_id),
        client_id=family.client_id,
        scopes=carried.split(),
        roles=owner.roles,
        organisation_id=owner.organisation_id,
        session=session_name(family),
        methods=family.methods,
        authenticated_at=family.authenticated_at,
        factor_at=family.factor_at,
        until=until,
    )
    return access_token(session, holder), carried


def id_token(session: Session, owner: Owner, *, scope: str, access: str, algorithm: str) -> str:
    """An OpenID Connect ID token in the algorithm that its client chose, beside the access token it comes with."""
    family, now = owner.family, int(session.clock.now().timestamp())
    # The half hash is SHA-256's for RS256 and ES256, SHA-512's for Ed25519 (Core 1.0, 3.1.3.6; RFC 8032).
    at_hash = create_half_hash(access, "EdDSA" if algorithm == ALGORITHM else algorithm)
    claims: dict[str, object] = {
        "iss": session.settings.issuer,
        "sub": str(family.user_id),
        "aud": family.client_id,
        "azp": family.client_id,
        "iat": now,
        "exp": now + ACCESS_SECONDS,
        "sid": session_name(family),
        "amr": sorted(family.methods),
        "auth_time": int((family.factor_at or family.authenticated_at).timestamp()),
        "tenant": str(session.context.tenant_id),
        "at_hash": at_hash.decode(),
        **owner.person.claims(scope),
    }
    if family.factor_at is not None:
        claims["acr"] = SECOND_FACTOR
    if owner.nonce:
        claims["nonce"] = owner.nonce
    return signed_id_token(session, claims, algorithm=algorithm)
