"""How clients prove who they are, and what machines get."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey
from sqlalchemy import select, update

from services.identity.commands.clients import add_key, add_secret, close_client, end_credential
from services.identity.models import Client, Credential
from shared.evidence.audit import AuditInbox
from tests.builders.cell import Cell
from tests.builders.oauth import App, make_client, use
from tests.identity.test_protocol import claims_of, error_of

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def machine(cell: Cell, sichuan: UUID) -> App:
    return make_client(cell, sichuan, "machine")


def ask(app: App, **form: Any) -> Any:
    return app.post("token", grant_type="client_credentials", **form)


def test_a_machine_gets_what_it_is_registered_for(cell: Cell, sichuan: UUID, machine: App) -> None:
    token = ask(machine).json
    claims = claims_of(token["access_token"])
    assert (claims["sub"], claims["client_id"], claims["tenant"]) == (
        machine.client_id,
        machine.client_id,
        str(sichuan),
    )
    assert claims["scope"] == token["scope"] == "parks:read parks:write"
    assert "refresh_token" not in token
    assert use(cell, token["access_token"]).status_code == 200
    assert ask(machine, scope="parks:read").json["scope"] == "parks:read"
    for scope in ("parks:sign", "openid", "users:manage"):
        assert error_of(ask(machine, scope=scope)) == "invalid_scope"


def test_a_wrong_proof_is_invalid_client_and_written_down(cell: Cell, sichuan: UUID, machine: App) -> None:
    browser = cell.app.test_client()
    good = base64.b64encode(f"{machine.client_id}:{machine.secret}".encode()).decode()
    wrong = base64.b64encode(f"{machine.client_id}:{machine.secret}x".encode()).decode()
    form = {"grant_type": "client_credentials"}
    for header in (f"Basic {wrong}", "Basic !!!", f"Basic {base64.b64encode(bytes([255, 58, 254])).decode()}", "Basic",
                   "Bearer x", f"Basic {base64.b64encode(b'a%00b:c').decode()}"):  # fmt: skip
        answer = browser.post("/oauth/token", data=form, headers={"Authorization": header})
        assert error_of(answer, 401) == "invalid_client", header
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    for more in ({"client_id": machine.client_id, "client_secret": machine.secret}, {"client_id": machine.client_id}):
        assert error_of(browser.post("/oauth/token", data={**form, **more}), 401) == "invalid_client"
    both = browser.post("/oauth/token", data={**form, "client_secret": "x"}, headers={"Authorization": f"Basic {good}"})
    assert error_of(both) == "invalid_request"
    two = browser.post("/oauth/token", data={**form, "client_id": "a.b"}, headers={"Authorization": f"Basic {good}"})
    assert error_of(two, 401) == "invalid_client"
    query = browser.post("/oauth/token?grant_type=client_credentials", headers={"Authorization": f"Basic {good}"})
    assert error_of(query) == "invalid_request"
    assert error_of(ask(machine, scope="parks:sign")) == "invalid_scope"
    with cell.session(sichuan) as session:
        reasons = [record["reason"] for record in session.scalars(select(AuditInbox.record))]
    assert "invalid_scope" in reasons


def test_only_the_use_of_each_minute_is_written(cell: Cell, sichuan: UUID, machine: App) -> None:
    def used() -> Any:
        with cell.session(sichuan) as session:
            client = session.scalar(select(Client.used_at).where(Client.name == machine.name))
            return client, session.scalar(select(Credential.used_at).where(Credential.client == machine.name))

    ask(machine)
    first = used()
    assert first[0] == first[1]
    assert first[0] is not None
    ask(machine)
    assert used() == first
    cell.clock.advance(timedelta(minutes=1, seconds=1))
    ask(machine)
    assert min(used()) > first[0]


def test_two_secrets_overlap_and_an_ended_one_counts_no_more(cell: Cell, sichuan: UUID, machine: App) -> None:
    with cell.session(sichuan) as session:
        second = add_secret(session, machine.name, expires_at=cell.clock.now() + timedelta(hours=1))
        first = session.scalars(
            select(Credential.id).where(Credential.expires_at.is_(None), Credential.client == machine.name)
        ).one()
    renewed = App(cell, sichuan, machine.name, machine.client_id, second.secret)
    assert ask(machine).status_code == ask(renewed).status_code == 200
    with cell.session(sichuan) as session:
        end_credential(session, machine.name, credential=first)
    assert error_of(ask(machine), 401) == "invalid_client"
    assert ask(renewed).status_code == 200
    cell.clock.advance(timedelta(hours=1))
    assert error_of(ask(renewed), 401) == "invalid_client"


@pytest.mark.parametrize("way", ["expired", "closed", "network"])
def test_a_client_that_may_not_be_used_is_refused(cell: Cell, sichuan: UUID, way: str) -> None:
    terms: dict[str, Any] = {"expires_at": cell.clock.now() + timedelta(days=1)}
    app = make_client(cell, sichuan, "machine", networks=("127.0.0.0/8", "2001:db8::/32"), **terms)
    assert ask(app).status_code == 200
    with cell.session(sichuan) as session:
        if way == "closed":
            close_client(session, app.name)
        if way == "network":
            session.execute(update(Client).where(Client.name == app.name).values(networks=["203.0.113.0/24"]))
    cell.clock.advance(timedelta(days=2 if way == "expired" else 0))
    assert error_of(ask(app), 401) == "invalid_client"


def assertion(app: App, key: Any, algorithm: str, **changes: Any) -> str:
    now = app.cell.clock.now().timestamp()
    claims = {
        "iss": app.client_id, "sub": app.client_id, "aud": app.cell.settings.issuer, "exp": int(now) + 60,
        "jti": uuid4().hex, **changes,
    }  # fmt: skip
    given = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": algorithm}, given, key, algorithms=[algorithm])


def by_assertion(app: App, signed: str, **form: Any) -> Any:
    sent = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": signed, **form}
    return app.cell.app.test_client().post("/oauth/token", data=sent)


def test_a_signed_assertion_proves_the_client_once(cell: Cell, sichuan: UUID, machine: App) -> None:
    key, other = OKPKey.generate_key("Ed25519"), ECKey.generate_key("P-256")
    issuer = cell.settings.issuer
    with cell.session(sichuan) as session:
        add_key(session, machine.name, jwk=key.as_dict(private=False), expires_at=None)
    good = assertion(machine, key, "Ed25519")
    first = by_assertion(machine, good)
    assert first.status_code == 200, first.text
    assert error_of(by_assertion(machine, good), 400) == "invalid_client"
    assert by_assertion(machine, assertion(machine, key, "Ed25519", aud=f"{issuer}/oauth/token")).status_code == 200
    public = OctKey.import_key(key.as_dict(private=False)["x"])
    for bad in (
        assertion(machine, other, "ES256"), assertion(machine, public, "HS256"), "a.b.c", "", "é.é.é",
        assertion(machine, key, "Ed25519", aud="https://elsewhere.example"), assertion(machine, key, "Ed25519", exp=1),
        assertion(machine, key, "Ed25519", jti=None), assertion(machine, key, "Ed25519", sub="a.b"),
        assertion(machine, key, "Ed25519", iss="a.b"), assertion(machine, key, "Ed25519", exp=4_000_000_000),
        assertion(machine, key, "Ed25519", exp=1e300), assertion(machine, key, "Ed25519", exp=10**12),
        assertion(machine, key, "Ed25519", jti=7), assertion(machine, key, "Ed25519", exp=None),
        assertion(machine, key, "Ed25519", aud=None), assertion(machine, key, "Ed25519", sub=None),
    ):  # fmt: skip
        answer = by_assertion(machine, bad)
        assert answer.status_code in (400, 401), bad
        assert answer.json["error"] in ("invalid_client", "invalid_request"), bad


def test_a_machine_is_not_for_people_and_a_web_client_not_for_itself(cell: Cell, sichuan: UUID, machine: App) -> None:
    web = make_client(cell, sichuan)
    assert error_of(web.post("token", grant_type="client_credentials")) == "unauthorized_client"
    assert error_of(machine.refresh("x" * 40)) == "unauthorized_client"
    assert error_of(machine.redeem("x" * 40)) == "unauthorized_client"
    public = make_client(cell, sichuan, "public")
    assert error_of(public.post("token", grant_type="client_credentials"), 401) == "invalid_client"
