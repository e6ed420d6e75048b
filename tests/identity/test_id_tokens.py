"""ID tokens in the algorithm of the client's choice, read by a library that is not ours."""

from __future__ import annotations

from uuid import UUID

import jwt
import pytest

from services.identity.domain.keys import ID_TOKEN_ALGORITHMS
from tests.builders.cell import Cell
from tests.builders.oauth import make_client, official, tokens_for, use


def claims_of(cell: Cell, token: str, *, audience: str, algorithm: str) -> dict[str, object]:
    """As PyJWT reads them with nothing but what is public; older libraries call Ed25519 EdDSA and do the same."""
    found = cell.app.test_client().get("/oauth/jwks.json").json["keys"]
    name = jwt.get_unverified_header(token)["kid"]
    (listed,) = [key for key in found if key["kid"] == name]
    assert listed["alg"] == algorithm
    key = jwt.PyJWK({**listed, "alg": "EdDSA"} if algorithm == "Ed25519" else listed).key
    if algorithm == "Ed25519":
        jwt.register_algorithm("Ed25519", jwt.algorithms.OKPAlgorithm())
    try:
        options = {"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]}
        return jwt.decode(token, key, [algorithm], audience=audience, issuer=cell.settings.issuer, options=options)
    finally:
        if algorithm == "Ed25519":
            jwt.unregister_algorithm("Ed25519")


@pytest.mark.parametrize("algorithm", ID_TOKEN_ALGORITHMS)
def test_a_library_of_others_reads_the_id_token_in_the_algorithm_chosen(
    cell: Cell, sichuan: UUID, algorithm: str
) -> None:
    app, person = make_client(cell, sichuan, id_token_signed_response_alg=algorithm), official(cell, sichuan)
    token = tokens_for(app, person)["id_token"]
    assert jwt.get_unverified_header(token)["alg"] == algorithm
    claims = claims_of(cell, token, audience=app.client_id, algorithm=algorithm)
    assert (claims["sub"], claims["nonce"], claims["tenant"]) == (str(person.id), "n0nce", str(sichuan))


def test_a_client_that_chooses_nothing_gets_rs256_and_may_change_its_mind(cell: Cell, sichuan: UUID) -> None:
    boss = cell.client(sichuan, "system_administrator")
    draft = {"name": "chooser", "label": "试", "kind": "web", "redirect_uris": ["https://client.example/signed-in"]}
    made = boss.post("/v1/clients", {**draft, "scopes": ["parks:read"]})
    assert (made.status_code, made.json["id_token_signed_response_alg"]) == (201, "RS256")
    changed = boss.patch("/v1/clients/chooser", {"id_token_signed_response_alg": "ES256"})
    assert (changed.status_code, changed.json["id_token_signed_response_alg"]) == (200, "ES256")
    refused = boss.patch("/v1/clients/chooser", {"id_token_signed_response_alg": "none"})
    assert refused.status_code == 422
    offered = cell.app.test_client().get("/.well-known/openid-configuration").json
    assert offered["id_token_signing_alg_values_supported"] == list(ID_TOKEN_ALGORITHMS)


def test_keys_of_id_tokens_change_with_those_of_access_tokens_and_stay_listed_meanwhile(
    cell: Cell, sichuan: UUID
) -> None:
    app, person = make_client(cell, sichuan), official(cell, sichuan)
    before = tokens_for(app, person)["id_token"]
    assert cell.client(sichuan, "security_administrator").post("/v1/token-keys").status_code == 201
    cell.carry()
    cell.run_timers()
    cell.carry()
    after = tokens_for(app, person)["id_token"]
    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
    for token in (before, after):
        assert claims_of(cell, token, audience=app.client_id, algorithm="RS256")["sub"] == str(person.id)
    assert use(cell, after).status_code == 401
