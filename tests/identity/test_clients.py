"""Clients and their credentials."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import select

from events.canonical import instant
from services.identity.models import Credential
from shared.core.encoding import b64encode
from shared.database.answers import IdempotencyRow
from tests.builders.administration import client_draft, records, registered_client, system
from tests.builders.cell import Cell


def test_a_clients_id_says_whose_it_is(cell: Cell, sichuan: UUID) -> None:
    made = registered_client(cell, sichuan, name="statistics")
    code = made["client_id"].removesuffix(".statistics")
    assert code.startswith("sichuan-")
    assert system(cell, sichuan).get("/v1/clients/statistics").json == made
    again = system(cell, sichuan).post("/v1/clients", client_draft(name="statistics"))
    assert (again.status_code, again.json["code"]) == (409, "client_exists")
    assert [item["name"] for item in system(cell, sichuan).get("/v1/clients?kind=machine").json["items"]] == [
        "statistics"
    ]
    assert system(cell, sichuan).get("/v1/clients?kind=web").json["items"] == []


WEB = {"kind": "web", "scopes": ["openid"]}
BAD: list[tuple[dict[str, Any], str]] = [
    ({**WEB, "redirect_uris": ["http://example.cn/back"]}, "/redirect_uris/0"),
    ({**WEB, "redirect_uris": ["https://example.cn/ok", "https://*.example.cn/back"]}, "/redirect_uris/1"),
    ({**WEB, "redirect_uris": ["https://example.cn/back#part"]}, "/redirect_uris/0"),
    ({**WEB, "redirect_uris": ["https://user@example.cn/back"]}, "/redirect_uris/0"),
    ({**WEB, "redirect_uris": ["javascript:alert(1)"]}, "/redirect_uris/0"),
    ({**WEB, "redirect_uris": ["https://example.cn:99999/"]}, "/redirect_uris/0"),
    ({**WEB, "redirect_uris": ["http://127.0.0.1/back"]}, "/redirect_uris/0"),
    ({**WEB, "redirect_uris": []}, "/redirect_uris"),
    ({"kind": "public", "redirect_uris": ["http://localhost/back"]}, "/redirect_uris/0"),
    ({"kind": "machine", "redirect_uris": ["https://example.cn/back"]}, "/redirect_uris"),
    ({"networks": ["10.0.0.1/8"]}, "/networks/0"),
    ({"networks": ["everywhere"]}, "/networks/0"),
    ({"scopes": ["parks:conquer"]}, "/scopes/0"),
    ({"scopes": ["tenants:manage"]}, "/scopes/0"),
    ({"scopes": ["*"]}, "/scopes/0"),
    ({"scopes": ["openid"]}, "/scopes/0"),
    ({**WEB, "redirect_uris": ["https://a.cn/"], "scopes": ["users:manage", "roles:manage"]}, "/scopes"),
]


@pytest.mark.parametrize(("changes", "pointer"), BAD)
def test_what_a_client_may_not_be_is_refused_by_name(
    cell: Cell, sichuan: UUID, changes: dict[str, Any], pointer: str
) -> None:
    answer = system(cell, sichuan).post("/v1/clients", client_draft(**changes))
    assert answer.status_code == 422
    assert [item["pointer"] for item in answer.json["errors"]] == [pointer]


def test_native_clients_may_listen_on_loopback(cell: Cell, sichuan: UUID) -> None:
    addresses = ["http://127.0.0.1/back", "http://[::1]:4000/back", "https://app.example.cn/back"]
    made = registered_client(cell, sichuan, kind="public", scopes=["openid", "parks:read"], redirect_uris=addresses)
    assert made["redirect_uris"] == addresses


def test_a_secret_is_told_once_and_kept_as_a_hash(cell: Cell, sichuan: UUID) -> None:
    url = f"/v1/clients/{registered_client(cell, sichuan)['name']}/credentials"
    key = {"Idempotency-Key": uuid4().hex}
    first, again = (system(cell, sichuan).post(url, {"kind": "secret"}, headers=key) for _ in range(2))
    secret = first.json["secret"]
    assert first.status_code == 201
    assert len(secret) > 32 + 40
    assert (again.json["id"], again.json["secret"]) == (first.json["id"], None)
    assert "secret" not in system(cell, sichuan).get(url).json["items"][0]
    with cell.session(sichuan) as session:
        kept = [str(vars(row)) for kind in (Credential, IdempotencyRow) for row in session.scalars(select(kind))]
        assert not [row for row in kept if secret in row]
    assert secret not in str(records(cell, sichuan))


def test_at_most_two_credentials_live_at_once(cell: Cell, sichuan: UUID) -> None:
    name = registered_client(cell, sichuan)["name"]
    client, url = system(cell, sichuan), f"/v1/clients/{name}/credentials"
    soon = instant(cell.clock.now() + timedelta(hours=1))
    first = client.post(url, {"kind": "secret", "expires_at": soon}).json
    second = client.post(url, {"kind": "secret"}).json
    assert client.post(url, {"kind": "secret"}).json["code"] == "credentials_full"
    cell.clock.advance(timedelta(hours=2))
    assert client.post(url, {"kind": "secret"}).status_code == 201
    assert client.post(f"{url}/{second['id']}/end").json["ended_at"] is not None
    assert client.post(f"{url}/{second['id']}/end").json["code"] == "credential_ended"
    assert client.post(f"{url}/{uuid4()}/end").status_code == 404
    other = registered_client(cell, sichuan)["name"]
    assert client.post(f"/v1/clients/{other}/credentials/{first['id']}/end").status_code == 404
    past = client.post(url, {"kind": "secret", "expires_at": "2020-01-01T00:00:00Z"})
    assert past.json["errors"][0]["pointer"] == "/expires_at"


RSA_SMALL = {"kty": "RSA", "n": b64encode(b"\xff" * 128), "e": "AQAB"}


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
        (ECKey.generate_key("P-256"), "ES256"),
        (RSAKey.generate_key(2048), "RS256"),
    ],
)
def test_a_public_key_is_kept_as_it_is(cell: Cell, sichuan: UUID, key: Any, alg: str) -> None:
    url = f"/v1/clients/{registered_client(cell, sichuan)['name']}/credentials"
    answer = system(cell, sichuan).post(url, {"kind": "key", "jwk": key.as_dict(private=False)})
    assert (answer.status_code, answer.json["secret"]) == (201, None), answer.json
    assert (answer.json["jwk"]["alg"], answer.json["jwk"]["use"], bool(answer.json["jwk"]["kid"])) == (alg, "sig", True)


@pytest.mark.parametrize(
    "jwk",
    [
        OKPKey.generate_key("Ed25519").as_dict(private=True),
        OKPKey.generate_key("X25519").as_dict(private=False),
        ECKey.generate_key("P-384").as_dict(private=False),
        RSA_SMALL,
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "alg": "RS256"},
        {**ECKey.generate_key("P-256").as_dict(private=False), "alg": "HS256"},
        {**ECKey.generate_key("P-256").as_dict(private=False), "use": "enc"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {},
    ],
)
def test_other_keys_and_private_ones_are_refused(cell: Cell, sichuan: UUID, jwk: dict[str, Any]) -> None:
    url = f"/v1/clients/{registered_client(cell, sichuan)['name']}/credentials"
    answer = system(cell, sichuan).post(url, {"kind": "key", "jwk": jwk})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/jwk")


def test_kind_and_key_go_together(cell: Cell, sichuan: UUID) -> None:
    url = f"/v1/clients/{registered_client(cell, sichuan)['name']}/credentials"
    for body in ({"kind": "key"}, {"kind": "secret", "jwk": {}}):
        assert system(cell, sichuan).post(url, body).status_code == 422
    public = registered_client(cell, sichuan, kind="public", scopes=["openid"])["name"]
    refused = system(cell, sichuan).post(f"/v1/clients/{public}/credentials", {"kind": "secret"})
    assert refused.json["code"] == "client_public"


def test_closing_a_client_voids_its_tokens(cell: Cell, sichuan: UUID) -> None:
    made = registered_client(cell, sichuan)
    token = cell.token(sichuan, "observer", subject=made["client_id"], client_id=made["client_id"])
    bearer = {"Authorization": f"Bearer {token}"}
    assert cell.app.test_client().get("/v1/parks", headers=bearer).status_code == 200
    url = f"/v1/clients/{made['name']}"
    stale = system(cell, sichuan).post(f"{url}/close", headers={"If-Match": '"1.7"'})
    assert stale.status_code == 412
    closed = system(cell, sichuan).post(f"{url}/close", headers={"If-Match": '"1.1"'})
    assert (closed.json["state"], closed.json["allowed_actions"]) == ("closed", [])
    assert cell.app.test_client().get("/v1/parks", headers=bearer).json["code"] == "token_revoked"
    assert system(cell, sichuan).patch(url, {"label": "x"}).json["code"] == "action_not_allowed"
    assert system(cell, sichuan).post(f"{url}/credentials", {"kind": "secret"}).json["code"] == "action_not_allowed"


def test_narrowing_a_client_voids_its_tokens_and_is_written_down(cell: Cell, sichuan: UUID) -> None:
    made = registered_client(cell, sichuan, scopes=["parks:read", "tenants:read"])
    bearer = {"Authorization": f"Bearer {cell.token(sichuan, 'observer', client_id=made['client_id'])}"}
    answer = system(cell, sichuan).patch(f"/v1/clients/{made['name']}", {"scopes": ["parks:read"]})
    assert (answer.status_code, answer.json["scopes"], answer.json["etag"]) == (200, ["parks:read"], "1.2")
    assert cell.app.test_client().get("/v1/parks", headers=bearer).json["code"] == "token_revoked"
    log = records(cell, sichuan, act="identity.client.revised")[0]
    assert (log["subject"], log["before"]["scopes"]) == (made["name"], ["parks:read", "tenants:read"])
    assert log["after"]["scopes"] == ["parks:read"]


def test_clients_in_bulk(cell: Cell, sichuan: UUID) -> None:
    drafts = [client_draft(), client_draft(scopes=["*"]), client_draft()]
    answer = system(cell, sichuan).post("/v1/clients/bulk/register", {"items": drafts})
    assert [item["status"] for item in answer.json["results"]] == [201, 422, 201]
    names = {item["name"] for item in system(cell, sichuan).get("/v1/clients").json["items"]}
    assert names == {drafts[0]["name"], drafts[2]["name"]}


def test_another_tenants_clients_do_not_exist(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    name = registered_client(cell, sichuan)["name"]
    client, url = system(cell, chongqing), f"/v1/clients/{name}"
    assert client.get(url).status_code == client.patch(url, {"label": "x"}).status_code == 404
    assert client.post(f"{url}/credentials", {"kind": "secret"}).status_code == 404


@pytest.mark.parametrize("scope", ["roles:manage", "audit:read", "factors:manage"])
def test_a_client_does_not_get_its_maker_the_rights_of_another_administrator(
    cell: Cell, sichuan: UUID, scope: str
) -> None:
    answer = system(cell, sichuan).post("/v1/clients", client_draft(scopes=[scope]))
    assert (answer.status_code, answer.json["code"]) == (403, "duty_of_others")
    name = registered_client(cell, sichuan, scopes=["users:manage", "users:read"])["name"]
    answer = system(cell, sichuan).patch(f"/v1/clients/{name}", {"scopes": [scope]})
    assert (answer.status_code, answer.json["code"]) == (403, "duty_of_others")


def test_no_client_is_registered_or_revised_to_have_ended_before(cell: Cell, sichuan: UUID) -> None:
    past = "2020-01-01T00:00:00Z"
    administrator, made = system(cell, sichuan), registered_client(cell, sichuan)
    born = administrator.post("/v1/clients", client_draft(expires_at=past))
    turned = administrator.patch(f"/v1/clients/{made['name']}", {"expires_at": past})
    for answer in (born, turned):
        assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/expires_at")
