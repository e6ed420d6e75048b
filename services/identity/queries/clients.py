"""Clients as the protocol sees them: detached from their rows, with what each is allowed to do."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy import select

from services.identity.models import Client, Credential
from shared.core.context import PLATFORM
from shared.core.secrets import hashed
from shared.journal.session import Session

CODE, REFRESH, MACHINE = "authorization_code", "refresh_token", "client_credentials"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = {"public": {CODE, REFRESH, DEVICE}, "web": {CODE, REFRESH}, "machine": {MACHINE}}
"""Which grants each kind of client may use."""
SECRET, KEY, NONE = "client_secret_basic", "private_key_jwt", "none"
LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class LiveCredential:
    """A secret's hash or a public key that counts now."""

    id: UUID
    secret_hash: str | None
    jwk: dict[str, Any] | None
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class KnownClient(ClientMixin):  # type: ignore[misc]
    """A client that may be used now, from where the request came."""

    tenant: UUID
    name: str
    client_id: str
    label: str
    kind: str
    redirect_uris: tuple[str, ...]
    logout_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    credentials: tuple[LiveCredential, ...] = field(repr=False)
    used_at: datetime | None
    id_token_algorithm: str
    expires_at: datetime | None = None

    @property
    def is_first_party(self) -> bool:
        """The platform's own clients serve every tenant's users and ask for no consent."""
        return self.tenant == PLATFORM

    @property
    def client_metadata(self) -> dict[str, list[str]]:
        """What Authlib's logout endpoint looks at."""
        return {"post_logout_redirect_uris": list(self.logout_uris)}

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: OAuth 2.1 wants it in every request."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """As given: the grants have checked it."""
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exactly a registered one; a loopback address of a native application may have any port (RFC 8252, 7.3)."""
        if redirect_uri in self.redirect_uris:
            return True
        asked = _without_port(redirect_uri) if self.kind == "public" else None
        return asked is not None and asked in map(_without_port, self.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        return self.credential_of(client_secret) is not None

    def credential_of(self, secret: str) -> LiveCredential | None:
        """The credential this is the secret of."""
        given = hashed(secret)
        return next((one for one in self.credentials if hmac.compare_digest(one.secret_hash or "", given)), None)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Public clients have nothing to prove themselves with and ask nothing about tokens; all others must."""
        if self.kind == "public":
            return method == NONE and endpoint != "introspection"
        return method in (SECRET, KEY)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and self.check_grant_type(CODE)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANTS[self.kind]


def _without_port(uri: str) -> str | None:
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or "@" in parts.netloc or parts.fragment:
        return None
    return uri if port is None else parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()


def client_named(session: Session, name: str, *, code: str) -> KnownClient | None:
    """The client of the session's tenant, unless closed, expired or asked from a network that is not its own."""
    row = session.get(Client, (session.context.tenant_id, name))
    now = session.clock.now()
    if row is None or row.state != "active" or (row.expires_at is not None and row.expires_at <= now):
        return None
    if not is_within(session.context.address, row.networks):
        return None
    held = session.scalars(select(Credential).where(Credential.client == name, Credential.ended_at.is_(None)))
    living = [one for one in held if one.expires_at is None or one.expires_at > now]
    return KnownClient(
        tenant=session.context.tenant_id,
        name=name,
        client_id=f"{code}.{name}",
        label=row.label,
        kind=row.client_kind,
        redirect_uris=tuple(row.redirect_uris),
        logout_uris=tuple(row.logout_uris),
        scopes=tuple(row.scopes),
        credentials=tuple(LiveCredential(one.id, one.secret_hash, one.jwk, one.used_at) for one in living),
        used_at=row.used_at,
        id_token_algorithm=row.id_token_signed_response_alg,
        expires_at=row.expires_at,
    )


def is_within(address: str | None, networks: list[str]) -> bool:
    """Whether an address lies in one of the CIDR blocks; none named means any."""
    if not networks:
        return True
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in ip_network(network, strict=False) for network in networks)
