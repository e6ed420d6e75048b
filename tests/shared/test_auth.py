"""Access tokens: everything about one must hold, or it is nobody's."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

from shared.auth import LARGEST_TOKEN, UnauthenticatedError, Verifier, mint
from shared.identity import b64encode, derived_key, derived_public_key
from shared.settings import Settings
from tests.builders.cell import Cell


def local_key(settings: Settings) -> OKPKey:
    private, public = derived_key(settings.vault_key, "issuer"), derived_public_key(settings.vault_key, "issuer")
    return OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": public, "d": b64encode(private.private_bytes_raw()), "kid": public[:16]}
    )


def token(settings: Settings, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
    now = int(time.time())
    body = {
        "iss": settings.issuer, "aud": settings.audience, "sub": "x", "tenant": str(uuid4()), "scope": "parks:read",
        "iat": now, "exp": now + 60, **claims,
    }  # fmt: skip
    signer = key or local_key(settings)
    full = {"alg": "Ed25519", "typ": "at+jwt", "kid": local_key(settings).kid, **(header or {})}
    payload = json.dumps({name: value for name, value in body.items() if value is not None}).encode()
    registry = jws.JWSRegistry(algorithms=[full["alg"]], strict_check_header=False)
    return jws.serialize_compact(full, payload, signer, algorithms=[full["alg"]], registry=registry)


def test_a_token_of_the_issuer_is_believed(settings: Settings) -> None:
    tenant = uuid4()
    claims = Verifier(settings).claims(mint(settings, tenant=tenant, scopes=["parks:read"], subject="u1"))
    assert (claims.tenant_id, claims.subject, claims.scopes) == (tenant, "u1", frozenset({"parks:read"}))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"}, {"iss": None}, {"aud": "other"}, {"aud": None}, {"exp": 1}, {"exp": None},
        {"iat": 4_000_000_000}, {"iat": None}, {"nbf": 4_000_000_000}, {"tenant": "x"},
        {"tenant": None}, {"sub": ""}, {"sub": None}, {"sub": 7}, {"scope": ["parks:read"]}, {"exp": "soon"},
        {"org": "x"},
    ],
)  # fmt: skip
def test_a_token_with_a_wrong_claim_is_refused(settings: Settings, claims: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError):
        Verifier(settings).claims(token(settings, **claims))


def test_a_token_that_brings_its_own_key_is_refused(settings: Settings) -> None:
    own = OKPKey.generate_key("Ed25519")
    header = {"jwk": own.as_dict(private=False)}
    for key in (own, None):
        with pytest.raises(UnauthenticatedError):
            Verifier(settings).claims(token(settings, header, key))


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": "id+jwt"}, {"kid": "unknown"}])
def test_a_token_of_another_kind_is_refused(settings: Settings, header: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError):
        Verifier(settings).claims(token(settings, header))


def test_a_token_without_or_with_a_shared_secret_signature_is_refused(settings: Settings) -> None:
    good = token(settings)
    none = b64encode(json.dumps({"alg": "none", "typ": "at+jwt"}).encode())
    shared = token(settings, {"alg": "HS256"}, OctKey.import_key(settings.jwks["keys"][0]["x"]))
    tampered = good[:-6] + ("A" * 6 if not good.endswith("A" * 6) else "B" * 6)
    for bad in (f"{none}.{good.split('.')[1]}.", shared, tampered, "", "a.b.c", "x" * (LARGEST_TOKEN + 1)):
        with pytest.raises(UnauthenticatedError):
            Verifier(settings).claims(bad)


def test_a_missing_scope_is_403_and_a_missing_token_401(cell: Cell, sichuan: UUID) -> None:
    observer = cell.client(sichuan, "observer")
    assert observer.get("/v1/parks").status_code == 200
    refused = observer.post("/v1/parks", {})
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    observer.token = "nonsense"
    missing = observer.get("/v1/parks")
    assert (missing.status_code, missing.headers["WWW-Authenticate"]) == (401, 'Bearer realm="xietong"')
