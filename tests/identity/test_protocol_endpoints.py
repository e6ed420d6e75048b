"""Devices, revocation, introspection, userinfo, logout, metadata: the endpoints beside the token endpoint."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest

from shared.keys.jose import LARGEST_TOKEN
from tests.builders.cell import Cell
from tests.builders.identity import csrf_of, make_user, sign_in
from tests.builders.oauth import (
    DEVICE,
    SIGNED_OUT,
    App,
    ask,
    code_for,
    command_line,
    make_client,
    official,
    tokens_for,
    use,
)
from tests.identity.test_protocol import claims_of, error_of


@pytest.fixture
def app(cell: Cell, sichuan: UUID) -> App:
    return make_client(cell, sichuan)


def begun(app: App) -> dict[str, Any]:
    answer = app.post("device_authorization")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def poll(app: App, codes: dict[str, Any]) -> Any:
    return app.post("token", grant_type=DEVICE, device_code=codes["device_code"])


def let_in(browser: Any, user_code: str, decision: str = "allow") -> Any:
    page = browser.get(f"/device?user_code={user_code}")
    assert page.status_code == 200, page.text
    return browser.post("/device", data={"csrf": csrf_of(page.text), "user_code": user_code, "decision": decision})


def test_a_device_is_let_in_once(cell: Cell, sichuan: UUID) -> None:
    cli, browser, codes = command_line(cell), cell.app.test_client(), None
    codes = begun(cli)
    assert (codes["interval"], codes["expires_in"], len(codes["user_code"])) == (5, 600, 9)
    assert not set(codes["user_code"]) & set("AEIOU")
    assert error_of(poll(cli, codes)) == "authorization_pending"
    assert error_of(poll(cli, codes)) == "slow_down"
    assert browser.get(f"/device?user_code={codes['user_code']}").headers["Location"].startswith("/signin")
    person = official(cell, sichuan)
    sign_in(browser, person)
    assert let_in(browser, codes["user_code"].lower().replace("-", "")).status_code == 200
    tokens = poll(cli, codes).json
    claims = claims_of(tokens["access_token"])
    assert (claims["sub"], claims["tenant"]) == (str(person.id), str(sichuan))
    assert "parks:write" in claims["scope"]
    assert use(cell, tokens["access_token"]).status_code == 200
    assert error_of(poll(cli, codes)) == "invalid_grant"
    assert cli.refresh(tokens["refresh_token"]).status_code == 200
    assert browser.get(f"/device?user_code={codes['user_code']}").status_code == 422


def test_a_device_is_refused_expires_and_cannot_be_guessed(cell: Cell, sichuan: UUID) -> None:
    cli, browser = command_line(cell), cell.app.test_client()
    sign_in(browser, official(cell, sichuan))
    refused = begun(cli)
    assert let_in(browser, refused["user_code"], "refuse").status_code == 200
    assert error_of(poll(cli, refused)) == "access_denied"
    late = begun(cli)
    cell.clock.advance(timedelta(minutes=11))
    assert error_of(poll(cli, late)) == "expired_token"
    answers = [browser.get(f"/device?user_code=BBBB-BBB{letter}").status_code for letter in "BCDFGHJKLM"]
    assert set(answers) == {422}
    real = begun(cli)
    assert browser.get(f"/device?user_code={real['user_code']}").status_code == 422
    assert error_of(poll(cli, {"device_code": "nonsense"})) == "invalid_grant"
    assert error_of(cli.post("token", grant_type=DEVICE)) == "invalid_request"
    assert error_of(make_client(cell, sichuan).post("device_authorization")) == "unauthorized_client"


def test_a_client_revokes_its_own_tokens(cell: Cell, sichuan: UUID, app: App) -> None:
    other, person = make_client(cell, sichuan), official(cell, sichuan)
    first = tokens_for(app, person)
    assert error_of(other.post("revoke", token=first["refresh_token"])) == "invalid_grant"
    assert app.post("revoke", token=first["access_token"], token_type_hint="what").status_code == 200
    assert use(cell, first["access_token"]).status_code == 401
    second = app.refresh(first["refresh_token"]).json
    assert use(cell, second["access_token"]).status_code == 200
    assert app.post("revoke", token=second["refresh_token"]).status_code == 200
    assert use(cell, second["access_token"]).status_code == 401
    assert error_of(app.refresh(second["refresh_token"])) == "invalid_grant"
    assert app.post("revoke", token="never issued").status_code == 200
    assert error_of(app.post("revoke")) == "invalid_request"
    assert error_of(app.post("revoke", token="x" * (LARGEST_TOKEN + 1))) == "invalid_request"


def test_introspection_tells_of_the_own_tenants_tokens_alone(
    cell: Cell, sichuan: UUID, chongqing: UUID, app: App
) -> None:
    stranger, machine = make_client(cell, chongqing), make_client(cell, sichuan, "machine")
    person = official(cell, sichuan)
    tokens = tokens_for(app, person)
    seen = machine.post("introspect", token=tokens["access_token"]).json
    assert (seen["active"], seen["sub"], seen["client_id"]) == (True, str(person.id), app.client_id)
    assert machine.post("introspect", token=tokens["refresh_token"]).json["active"] is True
    for token in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"], "x", "a.b.c"):
        assert stranger.post("introspect", token=token).json == {"active": False}
    app.post("revoke", token=tokens["refresh_token"])
    for token in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"]):
        assert machine.post("introspect", token=token).json == {"active": False}
    assert error_of(make_client(cell, sichuan, "public").post("introspect", token="x"), 401) == "invalid_client"


def test_userinfo_shows_what_the_scopes_open(cell: Cell, sichuan: UUID, app: App) -> None:
    person = official(cell, sichuan)
    full = use(cell, tokens_for(app, person)["access_token"], "/oauth/userinfo").json
    assert full == {
        "sub": str(person.id), "tenant": str(sichuan), "name": "王芳", "preferred_username": person.login,
        "email": "wang.fang@example.cn",
    }  # fmt: skip
    bare = tokens_for(app, person, scope="openid")["access_token"]
    assert use(cell, bare, "/oauth/userinfo").json == {"sub": str(person.id), "tenant": str(sichuan)}
    without = tokens_for(app, person, scope="parks:read")["access_token"]
    assert use(cell, without, "/oauth/userinfo").status_code == 403
    assert use(cell, "x", "/oauth/userinfo").status_code == 401


def test_logging_out_ends_the_session_and_its_tokens(cell: Cell, sichuan: UUID, app: App) -> None:
    browser, person = cell.app.test_client(), official(cell, sichuan)
    sign_in(browser, person)
    tokens = app.redeem(code_for(app, person, browser=browser)).json
    query = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": SIGNED_OUT, "state": "bye"}
    elsewhere = {**query, "post_logout_redirect_uri": "https://evil.example/"}
    for bad in (elsewhere, {**query, "id_token_hint": tokens["access_token"]}, {**query, "id_token_hint": "a.b.c"},
                {**query, "client_id": "a.b"}):  # fmt: skip
        answer = browser.get(f"/oauth/logout?{urlencode(bad)}")
        assert answer.status_code == 400, bad
    assert browser.get("/oauth/logout").headers["Location"] == "/signout"
    assert use(cell, tokens["access_token"]).status_code == 200
    cell.clock.advance(timedelta(minutes=11))
    answer = browser.get(f"/oauth/logout?{urlencode(query)}")
    assert answer.headers["Location"] == f"{SIGNED_OUT}?state=bye"
    assert ask(browser, app).headers["Location"].startswith("/signin")
    assert error_of(app.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_the_metadata_says_what_is_so(cell: Cell) -> None:
    browser = cell.app.test_client()
    found = browser.get("/.well-known/openid-configuration").json
    assert found == browser.get("/.well-known/oauth-authorization-server").json
    assert found["issuer"] == cell.settings.issuer
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert "password" not in found["grant_types_supported"]
    rules = {str(rule) for rule in cell.app.url_map.iter_rules()}
    for name, url in found.items():
        if name.endswith(("_endpoint", "jwks_uri")):
            assert url.removeprefix(cell.settings.issuer) in rules, name
    keys = browser.get("/oauth/jwks.json").json["keys"]
    assert {key["alg"] for key in keys} == set(found["id_token_signing_alg_values_supported"])
    assert not any("d" in key for key in keys)


def test_a_deactivated_owner_has_no_living_token(cell: Cell, sichuan: UUID, app: App) -> None:
    person = official(cell, sichuan)
    tokens = tokens_for(app, person)
    boss = make_user(cell, sichuan, "system_administrator")
    admin = cell.client(sichuan, "system_administrator", subject=str(boss.id))
    assert admin.post(f"/v1/users/{person.id}/deactivate").status_code == 200
    assert use(cell, tokens["access_token"]).status_code == 401
    assert use(cell, tokens["access_token"], "/oauth/userinfo").status_code == 401
    assert error_of(app.refresh(tokens["refresh_token"])) == "invalid_grant"


@pytest.mark.parametrize("endpoint", ["device_authorization", "token", "revoke", "introspect"])
def test_a_request_that_names_another_host_is_no_fault_of_the_platform(cell: Cell, endpoint: str) -> None:
    form = {
        "client_id": command_line(cell).client_id,
        "grant_type": "refresh_token",
        "token": "x",
        "refresh_token": "x",
    }
    answer = cell.app.test_client().post(f"/oauth/{endpoint}", data=form, headers={"Host": "elsewhere.example"})
    assert answer.status_code < 500, answer.text


def test_an_authorization_that_names_another_host_is_no_fault_of_the_platform(cell: Cell, sichuan: UUID) -> None:
    query = make_client(cell, sichuan).query()
    answer = cell.app.test_client().get("/oauth/authorize", query_string=query, headers={"Host": "elsewhere.example"})
    assert answer.status_code in (302, 303), answer.text
