"""Access tokens made wrong in one way each, by somebody who knows everything but the private keys of others."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from shared.core.derived_keys import public_text
from shared.core.encoding import b64encode
from shared.http.requests.tokens import ALGORITHM, IssuerKey, access_jwk
from shared.keys.jose import LARGEST_TOKEN
from shared.keys.keyring import Signer


@dataclass
class Forge:
    """Signs whatever it is told to; `key` is the private key of `tenant`, of which the public half is published."""

    issuer: str
    audience: str
    tenant: UUID
    key: OKPKey
    claims: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, signer: Signer, tenant: UUID, *, issuer: str, audience: str) -> Forge:
        """With a tenant's real key."""
        private = signer.private
        key = OKPKey.import_key({
            "kty": "OKP", "crv": "Ed25519", "kid": signer.key, "x": public_text(private.public_key()),
            "d": b64encode(private.private_bytes_raw()),
        })  # fmt: skip
        return cls(issuer, audience, tenant, key)

    def published(self) -> IssuerKey:
        """The public half, as the register has it."""
        return IssuerKey(access_jwk(str(self.key.kid), str(self.key.as_dict(private=False)["x"])), self.tenant, None)

    def body(self, **changes: Any) -> dict[str, Any]:
        """Good claims but for `changes`; None leaves one out."""
        now = int(time.time())
        good = {
            "iss": self.issuer, "aud": self.audience, "sub": "official-1", "client_id": "platform.tests",
            "tenant": str(self.tenant), "scope": "parks:read", "roles": ["observer"], "iat": now, "exp": now + 60,
            "jti": uuid4().hex,
        }  # fmt: skip
        return {name: value for name, value in {**good, **self.claims, **changes}.items() if value is not None}

    def token(self, header: Mapping[str, Any] | None = None, *, key: Any = None, **changes: Any) -> str:
        return self.sign(json.dumps(self.body(**changes)).encode(), header, key=key)

    def sign(self, payload: bytes, header: Mapping[str, Any] | None = None, *, key: Any = None) -> str:
        """A compact JWS of these bytes; a header value of None leaves it out."""
        good = {"alg": ALGORITHM, "typ": "at+jwt", "kid": self.key.kid}
        full = {name: value for name, value in {**good, **(header or {})}.items() if value is not None}
        signing = f"{b64encode(json.dumps(full).encode())}.{b64encode(payload)}"
        # By hand, for the library refuses to write headers that are wrong.
        algorithm = jws.JWSRegistry(algorithms=[full["alg"]]).get_alg(full["alg"])
        return f"{signing}.{b64encode(algorithm.sign(signing.encode(), key or self.key))}"

    def unsigned(self, algorithm: str = "none", **header: Any) -> str:
        """With an empty signature."""
        full = {"alg": algorithm, "typ": "at+jwt", "kid": self.key.kid, **header}
        return f"{b64encode(json.dumps(full).encode())}.{b64encode(json.dumps(self.body()).encode())}."


WRONG_CLAIMS: list[dict[str, Any]] = [
    {"iss": "https://elsewhere.example"}, {"iss": None}, {"iss": ["x"]}, {"aud": "other"}, {"aud": None}, {"aud": []},
    {"exp": 1}, {"exp": None}, {"exp": "soon"}, {"exp": float("nan")}, {"iat": 4_000_000_000}, {"iat": None},
    {"nbf": 4_000_000_000}, {"tenant": "x"}, {"tenant": None}, {"tenant": str(uuid4())}, {"sub": ""}, {"sub": None},
    {"sub": 7}, {"sub": "x" * 201}, {"scope": ["parks:read"]}, {"org": "x"}, {"jti": None}, {"client_id": None},
    {"roles": 7}, {"roles": [7]}, {"exp": 10**400}, {"iat": {}},
]  # fmt: skip
WRONG_HEADERS: list[dict[str, Any]] = [
    {"typ": "JWT"}, {"typ": "id+jwt"}, {"typ": None}, {"typ": 7}, {"kid": "unknown"}, {"kid": None}, {"kid": {}},
    {"crit": ["exp"], "exp": 1}, {"crit": ["b64"], "b64": False}, {"jku": "https://evil.example/jwks"},
    {"x5u": "https://evil.example/cert"}, {"x5c": ["MII"]},
]  # fmt: skip


def corpus(forge: Forge, stranger: Forge) -> dict[str, str]:
    """Bad tokens by what is wrong with them; `stranger` is another tenant with a published key of its own."""
    own, good = OKPKey.generate_key("Ed25519", {"kid": forge.key.kid}), forge.token()
    head, payload, signature = good.split(".")
    public = forge.key.as_dict(private=False)
    bad = {f"claims {changes}"[:60]: forge.token(**changes) for changes in WRONG_CLAIMS}
    bad |= {f"header {changes}"[:60]: forge.token(changes) for changes in WRONG_HEADERS}
    larger = b64encode(json.dumps(forge.body(scope="parks:read parks:sign")).encode())
    return bad | {
        "alg none": forge.unsigned(), "alg None": forge.unsigned("None"), "alg empty": forge.unsigned(""),
        "no signature": f"{head}.{payload}.", "own key named in jwk": forge.token(
            {"jwk": own.as_dict(private=False)}, key=own),
        "foreign key, same kid": forge.token(key=own),
        "public key as HS256 secret": forge.token({"alg": "HS256"}, key=OctKey.import_key(public["x"])),
        "public JWK as HS256 secret": forge.token({"alg": "HS256"}, key=OctKey.import_key(json.dumps(public))),
        "ES256": forge.token({"alg": "ES256"}, key=ECKey.generate_key("P-256")),
        "RS256": forge.token({"alg": "RS256"}, key=RSAKey.generate_key(2048)),
        "claims exchanged": f"{head}.{larger}.{signature}",
        "signature cut": good[:-4], "signature changed": good[:-6] + ("A" * 6 if good[-6:] != "A" * 6 else "B" * 6),
        "two parts": f"{head}.{payload}", "four parts": f"{good}.x", "five parts": f"{good}.x.y", "empty": "",
        "dots": "...", "spaces": good.replace(".", ". "), "not base64": "é.é.é",
        "padded": f"{head}=.{payload}.{signature}",
        "oversized": "x" * (LARGEST_TOKEN + 1), "oversized claims": forge.token(more="x" * LARGEST_TOKEN),
        "a claim twice": forge.sign(json.dumps(forge.body()).encode()[:-1] + b', "scope": "parks:sign"}'),
        "payload no object": forge.sign(b"[]"), "payload no JSON": forge.sign(b"{"), "payload empty": forge.sign(b""),
        "another tenant's, signed by us": forge.token(tenant=str(stranger.tenant)),
        "ours, signed by another tenant": stranger.token(tenant=str(forge.tenant)),
        "another tenant's key under our kid": forge.token(key=stranger.key),
    }  # fmt: skip
