"""The client's side of OpenID Connect towards a tenant's own provider: where it is asked, and what it answers."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote_plus, urlencode

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet

from events.foreign import MALFORMED, ForeignJsonError, read
from services.identity.domain.federation import ALGORITHMS, check_id_token, check_issuer, not_believed
from shared.core.errors import InvalidError
from shared.http.outbound import LARGEST, Outbound, OutboundAnswer
from shared.keys.jose import DEEPEST, NO_TOKEN, opened

KEPT = 300.0
"""Seconds for which what a provider says of itself is believed."""
MOST_KEPT = 200
JSON_TYPES = ("application/json", "application/jwk-set+json")


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What a provider says of itself (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool
    """Whether every authorization answer carries `iss` (RFC 9207)."""
    takes_basic: bool


@dataclass(frozen=True, kw_only=True)
class KnownProvider:
    """A provider's row, as far as talking to it needs."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ProviderRequest:
    """What a browser was sent away with, and has to come back with."""

    state: str = field(default_factory=lambda: token_urlsafe(32))
    nonce: str = field(default_factory=lambda: token_urlsafe(32))
    verifier: str = field(default_factory=lambda: token_urlsafe(48))


@dataclass
class Federation:
    """Talks to providers; one a process."""

    outbound: Outbound
    redirect_uri: str
    _known: dict[str, tuple[float, Metadata]] = field(default_factory=dict)

    def metadata(self, issuer: str) -> Metadata:
        """What the provider says of itself; raises `UnavailableError` or `RefusedError`."""
        kept = self._known.get(issuer)
        if kept is not None and time.monotonic() - kept[0] < KEPT:
            return kept[1]
        document = self._json(self.outbound.request("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
        if document.get("issuer") != issuer:
            raise not_believed("issuer of the discovery document")
        ways = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        try:
            endpoints = {name: str(document[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            for address in endpoints.values():
                if not address.isascii() or not address.isprintable():
                    raise ValueError(address)
                check_issuer(address.partition("?")[0], local=self.outbound.local)
        except (InvalidError, *MALFORMED) as error:
            raise not_believed("endpoints of the discovery document") from error
        found = Metadata(
            issuer=issuer,
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
            takes_basic=isinstance(ways, list) and "client_secret_basic" in ways,
            **endpoints,
        )
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[issuer] = (time.monotonic(), found)
        return found

    def authorization_url(self, known: KnownProvider, asked: ProviderRequest) -> str:
        """Where the browser is sent to sign in."""
        parameters = {
            "response_type": "code",
            "client_id": known.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(dict.fromkeys(("openid", *known.scopes))),
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": create_s256_code_challenge(asked.verifier),
            "code_challenge_method": "S256",
        }
        address: str = add_params_to_uri(self.metadata(known.issuer).authorization_endpoint, list(parameters.items()))
        return address

    def check_answer(self, issuer: str, given: Mapping[str, str]) -> None:
        """Raises `RefusedError` when another provider answered (RFC 9207, mix-up), or this one with an error."""
        said = given.get("iss")
        if said != issuer and (said is not None or self.metadata(issuer).names_itself):
            raise not_believed("iss of the answer")
        if "error" in given or not given.get("code"):
            raise not_believed(given.get("error", "no code")[:60])

    def claims(self, known: KnownProvider, asked: ProviderRequest, *, code: str, now: float) -> Mapping[str, Any]:
        """The claims of the ID token that the code is redeemed for; raises `RefusedError`, `UnavailableError`."""
        found = self.metadata(known.issuer)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": asked.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if found.takes_basic:
            headers["Authorization"] = basic_credentials(known.client_id, known.client_secret)
        else:
            form |= {"client_id": known.client_id, "client_secret": known.client_secret}
        answer = self.outbound.request("POST", found.token_endpoint, headers=headers, content=urlencode(form).encode())
        token = self._json(answer).get("id_token")
        keys = _usable(self._json(self.outbound.request("GET", found.jwks_uri)))
        try:
            if {"crit", "b64"} & set(opened(str(token), largest=LARGEST).header):
                raise not_believed("critical header")
            claims: Mapping[str, Any] = jwt.decode(str(token), keys, algorithms=list(ALGORITHMS)).claims
        except NO_TOKEN as error:
            raise not_believed(f"signature: {type(error).__name__}") from error
        check_id_token(claims, issuer=known.issuer, client_id=known.client_id, nonce=asked.nonce, now=now)
        return claims

    def _json(self, answer: OutboundAnswer) -> Mapping[str, Any]:
        if answer.status != 200 or answer.media_type not in JSON_TYPES:
            raise not_believed(f"HTTP {answer.status}")
        try:
            document = read(answer.body, largest=LARGEST, deepest=DEEPEST)
        except ForeignJsonError as error:
            raise not_believed(f"JSON: {error}") from error
        if not isinstance(document, dict):
            raise not_believed("no JSON object")
        return document


def basic_credentials(client_id: str, client_secret: str) -> str:
    """HTTP Basic with both parts form-encoded first, which Authlib's client leaves out (RFC 6749, 2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def _usable(document: Mapping[str, Any]) -> KeySet:
    """The keys that may sign: others, such as kinds this platform does not know, are passed over."""
    found = []
    listed = document.get("keys")
    for key in listed if isinstance(listed, list) else []:
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig":
            try:
                found += KeySet.import_key_set({"keys": [key]}).keys
            except NO_TOKEN:
                continue
    return KeySet(found)
