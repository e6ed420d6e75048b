"""What people and clients may do is looked at anew whenever tokens are asked for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete

from services.identity.commands import accounts
from services.identity.models import Grant
from services.identity.queries.clients import KnownClient
from shared.core.context import PLATFORM
from tests.builders.cell import Cell
from tests.builders.identity import Person, link_member, sign_in
from tests.builders.oauth import App, ask, command_line, make_client, official, tokens_for
from tests.identity.test_protocol import claims_of, error_of


def withdraw(cell: Cell, tenant: UUID, person: Person, role: str) -> None:
    with cell.session(tenant) as session:
        session.execute(delete(Grant).where(Grant.user_id == person.id, Grant.role == role))


def give(cell: Cell, tenant: UUID, person: Person, role: str) -> None:
    with cell.session(tenant) as session:
        now = cell.clock.now()
        session.add(Grant(user_id=person.id, role=role, duty="daily", granted_by="test", granted_at=now))


def test_a_refresh_carries_todays_scopes_and_never_more_than_was_allowed(cell: Cell, sichuan: UUID) -> None:
    app, person = make_client(cell, sichuan), official(cell, sichuan)
    tokens = tokens_for(app, person)
    give(cell, sichuan, person, "observer")
    withdraw(cell, sichuan, person, "official")
    tokens = app.refresh(tokens["refresh_token"]).json
    assert tokens["scope"] == "email offline_access openid parks:read profile"
    give(cell, sichuan, person, "official")
    tokens = app.refresh(tokens["refresh_token"]).json
    assert claims_of(tokens["access_token"])["scope"] == "email offline_access openid parks:read parks:write profile"
    give(cell, sichuan, person, "signatory")
    assert error_of(app.refresh(tokens["refresh_token"])) == "invalid_grant"


@pytest.mark.parametrize("way", ["deactivated", "membership ended", "session ended"])
def test_whoever_may_not_act_any_more_gets_no_tokens(cell: Cell, sichuan: UUID, chongqing: UUID, way: str) -> None:
    app, person = make_client(cell, chongqing), official(cell, sichuan)
    link_member(cell, person, chongqing, roles=["observer"])
    browser = cell.app.test_client()
    sign_in(browser, person, tenant=chongqing)
    tokens = tokens_for(app, person, browser=browser)
    if way == "deactivated":
        with cell.session(sichuan) as session:
            accounts.deactivate(session, person.id)
    if way == "membership ended":
        with cell.session(chongqing) as session:
            accounts.end_membership(session, person.id)
    if way == "session ended":
        assert browser.get(f"/oauth/logout?id_token_hint={tokens['id_token']}").status_code == 303
    assert error_of(app.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert ask(browser, app, prompt="none").status_code == 302


def suspend(cell: Cell, tenant: UUID) -> None:
    operator = cell.client(PLATFORM, "system_administrator")
    assert operator.post(f"/v1/tenants/{tenant}/suspend", {"reason": "欠费。"}).status_code == 200
    cell.carry()
    cell.database.directory._read_at = 0


def test_a_suspended_tenant_gets_no_tokens(cell: Cell, sichuan: UUID) -> None:
    app, machine, cli = make_client(cell, sichuan), make_client(cell, sichuan, "machine"), command_line(cell)
    person = official(cell, sichuan)
    tokens, console = tokens_for(app, person), tokens_for(cli, person, scope="openid offline_access parks:read")
    suspend(cell, sichuan)
    assert error_of(machine.post("token", grant_type="client_credentials"), 401) == "invalid_client"
    assert error_of(app.refresh(tokens["refresh_token"]), 401) == "invalid_client"
    assert error_of(cli.refresh(console["refresh_token"])) == "invalid_grant"
    assert ask(cell.app.test_client(), app).status_code == 400


def known(kind: str, *redirects: str) -> Any:
    return KnownClient(
        tenant=PLATFORM, name="x", client_id="platform.x", label="x", kind=kind, redirect_uris=redirects,
        logout_uris=(), scopes=(), credentials=(), used_at=None, id_token_algorithm="RS256",
    )  # fmt: skip


def test_only_a_native_application_may_choose_its_port() -> None:
    native = known("public", "http://127.0.0.1/in", "http://[::1]:80/in", "https://a.example/in")
    for good in ("http://127.0.0.1/in", "http://127.0.0.1:1/in", "http://127.0.0.1:65535/in", "http://[::1]:1/in"):
        assert native.check_redirect_uri(good), good
    for bad in (
        "http://127.0.0.1:1/other", "http://127.0.0.2:1/in", "http://localhost:1/in", "https://127.0.0.1:1/in",
        "http://127.0.0.1:1/in#x", "http://127.0.0.1:1/in?x=y", "http://x@127.0.0.1:1/in", "https://a.example:1/in",
        "http://127.0.0.1:99999/in", "http://127.0.0.1:x/in", "http://127.0.0.1.evil.example/in", "",
    ):  # fmt: skip
        assert not native.check_redirect_uri(bad), bad
    assert not known("web", "http://127.0.0.1/in").check_redirect_uri("http://127.0.0.1:1/in")


def test_a_narrowed_client_keeps_no_wide_tokens(cell: Cell, sichuan: UUID) -> None:
    app: App = make_client(cell, sichuan)
    tokens = tokens_for(app, official(cell, sichuan))
    system = cell.client(sichuan, "system_administrator")
    answer = system.patch(f"/v1/clients/{app.name}", {"scopes": ["parks:read"]})
    assert answer.status_code == 200, answer.text
    assert app.refresh(tokens["refresh_token"]).json["scope"] == "email offline_access openid parks:read profile"
