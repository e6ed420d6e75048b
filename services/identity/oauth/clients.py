"""Which client is asking, and its proof: a secret (HTTP Basic) or a signed assertion (RFC 7523)."""

from __future__ import annotations

import re
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from flask import g
from joserfc import jwt
from joserfc.jwk import KeySet

from services.identity.commands.client_use import accept_assertion, is_stale, mark_used
from services.identity.domain.clients import ALGORITHMS
from services.identity.pages.signed_in import context, works_here
from services.identity.queries.clients import KEY, KnownClient, LiveCredential, client_named
from shared.core.calendar import moment_of
from shared.http.requests.gate import database
from shared.keys.jose import NO_TOKEN, opened

CLIENT_ID = re.compile(r"[a-z0-9-]{1,60}\.[a-z0-9][a-z0-9._-]{0,99}")
LONGEST_LIFE = 600
"""Seconds an assertion may live: so long its `jti` is remembered."""
LEEWAY = 10
ASSERTION_ALGORITHMS = sorted({name for names in ALGORITHMS.values() for name in names})


def find_client(client_id: str | None) -> KnownClient | None:
    """The client of this id, once a request; None when it may not be used (now, or from here)."""
    known: dict[str, KnownClient | None] = g.setdefault("clients", {})
    if not client_id or not CLIENT_ID.fullmatch(client_id):
        return None
    if client_id not in known:
        known[client_id] = _read(client_id)
    return known[client_id]


def _read(client_id: str) -> KnownClient | None:
    code, _, name = client_id.partition(".")
    directory = database().directory
    with database().cell_session() as cell:
        listing = directory.named(cell, code)
        if listing is None:
            # Perhaps a tenant that has just come.
            directory.refresh(cell)
            listing = directory.named(cell, code)
    if listing is None:
        return None
    with database().session(context(listing.id, client_id)) as session:
        return client_named(session, name, code=code) if works_here(session, listing.id) else None


def write_use(client: KnownClient, method: str, *, headers: Any) -> None:
    """Write down when the client and what it proved itself with were last used, once a minute at most."""
    credential: LiveCredential | None = g.pop("credential", None)
    if method != KEY and client.kind != "public":
        credential = client.credential_of(extract_basic_authorization(headers)[1] or "")
    now = database().clock.now()
    if is_stale(client.used_at, now=now) or (credential is not None and is_stale(credential.used_at, now=now)):
        with database().session(context(client.tenant, client.client_id)) as session:
            mark_used(session, client.name, credential=None if credential is None else credential.id)


class SignedAssertion(JWTBearerClientAssertion):  # type: ignore[misc]
    """`private_key_jwt` (OpenID Connect Core, 9): short-lived, for us alone, by a registered key, and once."""

    CLIENT_AUTH_METHOD = KEY

    def __init__(self) -> None:
        super().__init__(leeway=LEEWAY)

    def get_audiences(self) -> list[str]:
        issuer = database().settings.issuer
        return [issuer, f"{issuer}/oauth/token"]

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims, as yet unproven; raises ValueError."""
        said = opened(assertion)
        return dict(said.header), dict(said.claims)

    def resolve_client_public_key(self, client: KnownClient) -> KeySet:
        keys = [{**one.jwk, "kid": str(one.id)} for one in client.credentials if one.jwk is not None]
        for key in keys:
            key.pop("alg", None)
        if not keys or client.kind == "public":
            raise InvalidClientError(description="The client has no key that counts.")
        g.asserting = client
        return KeySet.import_key_set({"keys": keys})

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        """The claims, by whichever of the client's keys signed them; each with its own algorithms alone."""
        for key in resolve_key.keys:
            described = key.as_dict(private=False)
            algorithms = ALGORITHMS[str(described["kty"]), str(described.get("crv", ""))]
            try:
                claims = jwt.decode(assertion, key, algorithms=list(algorithms)).claims
            except NO_TOKEN:
                continue
            name = str(key.kid)
            g.credential = next((one for one in g.asserting.credentials if str(one.id) == name), None)
            self.verify_claims(claims)
            return claims
        raise InvalidClientError(description="The assertion is not signed by a key of the client.")

    def validate_jti(self, claims: dict[str, Any], jti: Any) -> bool:
        """Whether this id is new; what lives too long to remember is refused."""
        until = moment_of(claims["exp"])
        lasts = (until - database().clock.now()).total_seconds()
        if not isinstance(jti, str) or not 0 < len(jti) <= 200 or lasts > LONGEST_LIFE + LEEWAY:
            return False
        client: KnownClient = g.asserting
        with database().session(context(client.tenant, client.client_id)) as session:
            return accept_assertion(session, client.client_id, jti=jti, until=until)
