"""OAuth 2.1 and OpenID Connect as clients see them: what is right works, what is wrong is a standard error."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from joserfc.jws import extract_compact

from services.identity.oauth.requests import LONGEST
from tests.builders.cell import Cell
from tests.builders.identity import link_member, make_user, sign_in
from tests.builders.oauth import (
    App,
    answered,
    ask,
    code_for,
    command_line,
    consent,
    make_client,
    official,
    tokens_for,
    use,
)


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(extract_compact(token.encode()).payload)
    return found


def error_of(response: Any, status: int = 400) -> str:
    assert response.status_code == status, response.text
    assert response.json["error_description"].isascii()
    assert "no-store" in response.headers["Cache-Control"]
    return str(response.json["error"])


@pytest.fixture
def app(cell: Cell, sichuan: UUID) -> App:
    return make_client(cell, sichuan)


def test_a_code_is_redeemed_for_tokens_with_todays_scopes(cell: Cell, sichuan: UUID, app: App) -> None:
    person = official(cell, sichuan)
    browser = cell.app.test_client()
    sign_in(browser, person)
    page = ask(browser, app)
    assert page.status_code == 200
    assert "测试应用" in page.text
    back = answered(consent(browser, page))
    assert (back["state"], back["iss"]) == ("st8", cell.settings.issuer)
    tokens = app.redeem(back["code"]).json
    access, identity = claims_of(tokens["access_token"]), claims_of(tokens["id_token"])
    assert access["scope"] == "email offline_access openid parks:read parks:write profile"
    assert (access["sub"], access["client_id"], access["tenant"]) == (str(person.id), app.client_id, str(sichuan))
    assert (identity["aud"], identity["nonce"], identity["sid"]) == (app.client_id, "n0nce", access["sid"])
    assert (identity["name"], identity["preferred_username"]) == ("王芳", person.login)
    assert (tokens["expires_in"], tokens["token_type"]) == (600, "Bearer")
    assert use(cell, tokens["access_token"]).status_code == 200
    assert use(cell, tokens["id_token"]).status_code == 401


def test_consent_is_asked_once_and_again_for_more(cell: Cell, sichuan: UUID, app: App) -> None:
    browser = cell.app.test_client()
    sign_in(browser, official(cell, sichuan))
    assert answered(consent(browser, ask(browser, app, scope="openid parks:read")))["code"]
    assert answered(ask(browser, app, scope="openid parks:read"))["code"]
    assert ask(browser, app).status_code == 200
    assert ask(browser, app, scope="openid parks:read", prompt="consent").status_code == 200
    refused = answered(consent(browser, ask(browser, app), "refuse"))
    assert (refused["error"], refused["iss"], refused["state"]) == ("access_denied", cell.settings.issuer, "st8")


def test_an_unknown_address_is_never_redirected_to(cell: Cell, sichuan: UUID, app: App) -> None:
    browser = cell.app.test_client()
    for changes in (
        {"redirect_uri": "https://evil.example/"}, {"redirect_uri": None}, {"redirect_uri": app.redirect + "/"},
        {"redirect_uri": app.redirect + "?a=b"}, {"client_id": "nobody.at-all"}, {"client_id": None},
        {"redirect_uri": "https://evil.example/园"}, {"state": "x" * (LONGEST + 1)}, {"client_id": "a\x00b.c"},
        {"redirect_uri": "http://127.0.0.1:1/signed-in"},
    ):  # fmt: skip
        response = ask(browser, app, **changes)
        assert response.status_code == 400, changes
        assert "Location" not in response.headers
        assert response.content_type.startswith("text/html")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "openid tenants:manage"}, "invalid_scope"),
        ({"scope": "nothing:known"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://x.example"}, "request_uri_not_supported"),
        ({"response_mode": "fragment"}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_told_to_the_client(cell: Cell, app: App, changes: dict[str, Any], error: str) -> None:
    back = answered(ask(cell.app.test_client(), app, **changes))
    assert (back["error"], back["iss"], back["state"]) == (error, cell.settings.issuer, "st8")
    assert "code" not in back


def test_a_repeated_parameter_is_refused(cell: Cell, app: App) -> None:
    browser = cell.app.test_client()
    twice = browser.get("/oauth/authorize", query_string=[*app.query().items(), ("scope", "openid")])
    assert twice.status_code == 400
    form = "grant_type=client_credentials&grant_type=client_credentials"
    answer = browser.post("/oauth/token", data=form, content_type="application/x-www-form-urlencoded")
    assert error_of(answer) == "invalid_request"


def test_prompts_and_ages_lead_to_the_right_page(cell: Cell, sichuan: UUID, app: App) -> None:
    browser = cell.app.test_client()
    assert ask(browser, app).headers["Location"].startswith("/signin?tenant=")
    sign_in(browser, official(cell, sichuan))
    assert answered(ask(browser, app, prompt="none"))["error"] == "consent_required"
    consent(browser, ask(browser, app))
    assert answered(ask(browser, app, prompt="none"))["code"]
    again = ask(browser, app, prompt="login").headers["Location"]
    assert again.startswith("/signin?again=1")
    assert "prompt" not in again
    assert answered(ask(browser, app, max_age="60"))["code"]
    assert ask(browser, app, max_age="0").headers["Location"].startswith("/signin?again=1")
    assert answered(ask(browser, app, max_age="soon"))["error"] == "invalid_request"
    assert answered(ask(browser, app, max_age="0", prompt="none"))["error"] == "interaction_required"
    assert "/signin/factor/set-up" in ask(browser, app, acr_values="urn:xietong:acr:otp").headers["Location"]
    english = ask(cell.app.test_client(), app, ui_locales="en-GB zh")
    assert "lang=en" in english.headers["Set-Cookie"]


def test_a_step_up_shows_in_the_tokens(cell: Cell, sichuan: UUID, app: App) -> None:
    person = make_user(cell, sichuan, "official", "signatory")
    browser = cell.app.test_client()
    sign_in(browser, person)
    consent(browser, ask(browser, app))
    first = app.redeem(answered(ask(browser, app, acr_values="urn:xietong:acr:otp", max_age="600"))["code"]).json
    access = claims_of(first["access_token"])
    assert (access["acr"], access["amr"]) == ("urn:xietong:acr:otp", ["otp", "pwd"])
    cell.clock.advance(timedelta(minutes=11))
    renewed = ask(browser, app, acr_values="urn:xietong:acr:otp", max_age="600").headers["Location"]
    assert renewed.startswith("/signin/factor?")


def test_a_client_of_another_tenant_is_refused(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    theirs, person = make_client(cell, chongqing), official(cell, sichuan)
    browser = cell.app.test_client()
    sign_in(browser, person)
    assert answered(ask(browser, theirs))["error"] == "access_denied"
    link_member(cell, person, chongqing, roles=["observer"])
    assert ask(browser, theirs).headers["Location"].startswith("/signin/tenant?")
    other = cell.app.test_client()
    sign_in(other, person, tenant=chongqing)
    tokens = theirs.redeem(code_for(theirs, person, browser=other)).json
    access = claims_of(tokens["access_token"])
    assert (access["tenant"], "parks:write" in access["scope"]) == (str(chongqing), False)


def test_the_platforms_clients_serve_every_tenant_without_consent(cell: Cell, sichuan: UUID) -> None:
    console, person = command_line(cell), official(cell, sichuan)
    access = claims_of(tokens_for(console, person, scope=None)["access_token"])
    assert access["tenant"] == str(sichuan)
    assert "parks:write" in access["scope"]
    assert "users:manage" not in access["scope"]


def test_wrong_redemptions_are_refused_and_change_nothing(cell: Cell, sichuan: UUID, app: App) -> None:
    other = make_client(cell, sichuan)
    code = code_for(app, official(cell, sichuan))
    assert error_of(app.redeem(code, code_verifier="w" * 43)) == "invalid_grant"
    assert error_of(app.redeem(code, code_verifier=None)) == "invalid_request"
    assert error_of(app.redeem(code, redirect_uri="https://client.example/other")) == "invalid_grant"
    assert error_of(other.redeem(code, code_verifier=app.verifier)) == "invalid_grant"
    assert error_of(app.redeem("nonsense")) == "invalid_grant"
    assert error_of(app.redeem(f"{'0' * 32}.{'x' * 43}")) == "invalid_grant"
    assert error_of(app.redeem("x" * (LONGEST + 1))) == "invalid_request"
    assert error_of(app.post("token", grant_type="password", username="a", password="b")) == "unsupported_grant_type"
    assert error_of(app.post("token")) == "invalid_request"
    assert app.redeem(code).status_code == 200


def test_a_code_expires_and_is_worth_nothing_twice(cell: Cell, sichuan: UUID, app: App) -> None:
    person = official(cell, sichuan)
    late = code_for(app, person)
    cell.clock.advance(timedelta(seconds=61))
    assert error_of(app.redeem(late)) == "invalid_grant"
    code = code_for(app, person)
    tokens = app.redeem(code).json
    assert use(cell, tokens["access_token"]).status_code == 200
    assert error_of(app.redeem(code)) == "invalid_grant"
    assert use(cell, tokens["access_token"]).status_code == 401
    assert error_of(app.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_refreshing_rotates_and_reuse_ends_the_family(cell: Cell, sichuan: UUID, app: App) -> None:
    first = tokens_for(app, official(cell, sichuan))
    second = app.refresh(first["refresh_token"]).json
    assert second["refresh_token"] != first["refresh_token"]
    assert claims_of(second["id_token"])["sub"] == claims_of(first["id_token"])["sub"]
    narrow = app.refresh(second["refresh_token"], scope="parks:read").json
    assert claims_of(narrow["access_token"])["scope"] == "parks:read"
    assert error_of(app.refresh(narrow["refresh_token"], scope="parks:read parks:sign")) == "invalid_scope"
    assert use(cell, narrow["access_token"]).status_code == 200
    assert error_of(app.refresh(first["refresh_token"])) == "invalid_grant"
    assert use(cell, narrow["access_token"]).status_code == 401
    assert error_of(app.refresh(narrow["refresh_token"])) == "invalid_grant"


def test_a_refresh_token_is_only_for_its_client_and_only_with_offline_access(
    cell: Cell, sichuan: UUID, app: App
) -> None:
    other, person = make_client(cell, sichuan), official(cell, sichuan)
    tokens = tokens_for(app, person)
    assert error_of(other.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert "refresh_token" not in tokens_for(app, person, scope="openid parks:read")
    cell.clock.advance(timedelta(days=15))
    assert error_of(app.refresh(tokens["refresh_token"])) == "invalid_grant"
