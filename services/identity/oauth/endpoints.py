"""Endpoints about tokens: revocation (RFC 7009), introspection (RFC 7662), device authorization (RFC 8628)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidRequestError, TokenMixin, UnauthorizedClientError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint
from flask import current_app

from services.identity.commands.devices import new_user_code, save_device
from services.identity.commands.families import end_family, family_of, session_name
from services.identity.commands.revocations import revoke
from services.identity.domain import acts
from services.identity.domain.keys import DEVICE_INTERVAL, DEVICE_LIFE
from services.identity.models import Family, RefreshToken
from services.identity.oauth.grants import METHODS, asked_scope
from services.identity.oauth.owners import person_of
from services.identity.pages.signed_in import context, works_here
from services.identity.queries.clients import DEVICE, KEY, SECRET, KnownClient
from shared.core.errors import RefusedError
from shared.core.secrets import handed_out, hashed, tenant_of
from shared.evidence.audit import note
from shared.http.requests.gate import check_tenant, database
from shared.http.requests.tokens import UnauthenticatedError, Verifier


@dataclass(frozen=True)
class Access(TokenMixin):  # type: ignore[misc]
    """An access token that is believed and has not been revoked."""

    tenant: UUID
    client_id: str
    name: str
    document: dict[str, Any]

    @property
    def owner(self) -> str:
        """Whose own it is, as revocations name it; a client that many people use answers for none of them."""
        subject = self.document["sub"]
        return f"client:{self.client_id}" if subject == self.client_id else f"sub:{subject}"

    def check_client(self, client: KnownClient) -> bool:
        return self.client_id == client.client_id

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


@dataclass(frozen=True)
class Refresh(TokenMixin):  # type: ignore[misc]
    """A refresh token that is known, with its family."""

    tenant: UUID
    client_id: str
    family: Family
    is_living: bool
    document: dict[str, Any]

    def check_client(self, client: KnownClient) -> bool:
        return self.client_id == client.client_id

    def is_expired(self) -> bool:
        return not self.is_living

    def is_revoked(self) -> bool:
        return self.family.ended_at is not None


def find_token(text: str) -> Access | Refresh | None:
    """The token, whatever the hint says."""
    return _refresh(text) if tenant_of(text) is not None else _access(text)


def _access(text: str) -> Access | None:
    verifier: Verifier = current_app.extensions["verifier"]
    try:
        claims, said = verifier.proven(text)
        with database().session(context(claims.tenant_id, claims.client_id)) as session:
            check_tenant(session, claims, scope="openid")
    except (UnauthenticatedError, RefusedError):
        return None
    names = ("iss", "aud", "sub", "client_id", "tenant", "scope", "iat", "exp", "jti", "sid", "org", "acr", "auth_time")
    found = {name: said[name] for name in names if name in said}
    shown = {**found, "token_type": "Bearer", "roles": list(claims.roles)}
    return Access(claims.tenant_id, claims.client_id, claims.token_id, shown)


def _refresh(text: str) -> Refresh | None:
    tenant = tenant_of(text)
    if tenant is None:
        return None
    with database().session(context(tenant)) as session:
        family, row = family_of(session, text), session.get(RefreshToken, (tenant, hashed(text)))
        if family is None or row is None:
            return None
        now = session.clock.now()
        living = row.used_at is None and now < min(row.expires_at, family.expires_at) and works_here(session, tenant)
    document = {
        "iss": database().settings.issuer,
        "sub": str(family.user_id),
        "client_id": family.client_id,
        "scope": family.scope,
        "tenant": str(tenant),
        "sid": session_name(family),
        "exp": int(row.expires_at.timestamp()),
        "token_type": "refresh_token",
    }
    active = living and person_of(family.account_id, family.user_id, web_session=family.session_id) is not None
    return Refresh(tenant, family.client_id, family, active, document)


def _check(request: Any) -> None:
    # A wrong hint is no fault (RFC 7009, 2.1): tokens are told apart by their form.
    if not request.form.get("token"):
        raise InvalidRequestError("Missing token.")


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """Ends a token of the client that asks: a refresh token with its family, an access token alone."""

    CLIENT_AUTH_METHODS = METHODS

    def check_params(self, request: Any, _client: KnownClient) -> None:
        _check(request)

    def query_token(self, token_string: str, _token_type_hint: str | None) -> Access | Refresh | None:
        return find_token(token_string)

    def revoke_token(self, token: Access | Refresh, request: Any) -> None:
        with database().session(context(token.tenant, request.client.client_id)) as session:
            if isinstance(token, Refresh):
                end_family(session, token.family.id, by="client")
            else:
                revoke(session, [f"jti:{token.name}"], owner=token.owner)
                note(session, acts.TOKEN_REVOKED, subject=f"jti:{token.name}")


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """What a token is, for a confidential client of the tenant that the token is for."""

    CLIENT_AUTH_METHODS = [SECRET, KEY]

    def check_params(self, request: Any, _client: KnownClient) -> None:
        _check(request)

    def query_token(self, token_string: str, _token_type_hint: str | None) -> Access | Refresh | None:
        return find_token(token_string)

    def check_permission(self, token: Access | Refresh, client: KnownClient, *_request: Any) -> bool:
        return token.tenant == client.tenant

    def introspect_token(self, token: Access | Refresh) -> dict[str, Any]:
        return token.document


class DeviceAuthorization(DeviceAuthorizationEndpoint):  # type: ignore[misc]
    """Codes for a device to show, and to ask with."""

    CLIENT_AUTH_METHODS = METHODS
    EXPIRES_IN = int(DEVICE_LIFE.total_seconds())
    INTERVAL = DEVICE_INTERVAL

    def authenticate_client(self, request: Any) -> KnownClient:
        client: KnownClient = super().authenticate_client(request)
        if not client.check_grant_type(DEVICE):
            raise UnauthorizedClientError("The client is not registered for devices.")
        self.client, self.scope = client, asked_scope(request)
        return client

    def generate_device_code(self) -> str:
        return handed_out(self.client.tenant)

    def generate_user_code(self) -> str:
        return new_user_code()

    def get_verification_uri(self) -> str:
        return f"{database().settings.issuer}/device"

    def save_device_credential(self, client_id: str, *given: Any) -> None:
        data: dict[str, Any] = given[1]
        with database().session(context(self.client.tenant, client_id)) as session:
            save_device(
                session, data["device_code"], user_code=data["user_code"], client_id=client_id, scope=self.scope
            )
