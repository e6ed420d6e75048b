"""What a client may never be, and that nothing of a client outlives it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.identity.commands.client_use import accept_assertion
from services.identity.commands.clients import close_client, revise_client
from services.identity.commands.revocations import revoke
from services.identity.domain.revoked import MOST_OWN
from services.identity.models import RevocationList
from shared.core.context import PLATFORM
from shared.journal.session import Session
from tests.builders.administration import client_draft, registered_client, system
from tests.builders.cell import Cell
from tests.builders.identity import csrf_of, sign_in
from tests.builders.oauth import REDIRECT, App, ask, code_for, command_line, make_client, official, tokens_for, use
from tests.identity.test_protocol import claims_of


@pytest.mark.parametrize("kind", ["machine", "web", "public"])
def test_nobody_registers_a_client_for_everything_not_even_the_platform(cell: Cell, kind: str) -> None:
    administrator, redirects = system(cell, PLATFORM), [] if kind == "machine" else [REDIRECT]
    answer = administrator.post("/v1/clients", client_draft(kind=kind, scopes=["*"], redirect_uris=redirects))
    assert (answer.status_code, answer.json["code"]) == (422, "scope_unknown")
    made = registered_client(cell, PLATFORM, kind=kind, redirect_uris=redirects)
    answer = administrator.patch(f"/v1/clients/{made['name']}", {"scopes": ["*"]})
    assert (answer.status_code, answer.json["code"]) == (422, "scope_unknown")


def test_a_built_in_client_sends_its_codes_nowhere_else(cell: Cell) -> None:
    administrator = system(cell, PLATFORM)
    for changes in ({"redirect_uris": [REDIRECT]}, {"scopes": ["parks:read"]}):
        answer = administrator.patch("/v1/clients/cli", changes)
        assert (answer.status_code, answer.json["code"]) == (409, "client_built_in")
    assert administrator.patch("/v1/clients/cli", {"label": "命令行 / Command line"}).status_code == 200


@pytest.mark.parametrize(
    "changes", [{"networks": ["203.0.113.0/24"]}, {"expires_at": "2199-01-01T00:00:00Z"}, None], ids=str
)
def test_nobody_shuts_out_everybody_through_a_built_in_client(cell: Cell, changes: dict[str, Any] | None) -> None:
    administrator = system(cell, PLATFORM)
    assert administrator.get("/v1/clients/cli").json["allowed_actions"] == ["revise"]
    answer = (
        administrator.post("/v1/clients/cli/close")
        if changes is None
        else administrator.patch("/v1/clients/cli", changes)
    )
    assert (answer.status_code, answer.json["code"]) == (409, "client_built_in")
    assert administrator.get("/v1/clients/cli").json["state"] == "active"


def test_people_consent_to_every_client_that_is_not_built_in(cell: Cell, sichuan: UUID) -> None:
    browser, person = cell.app.test_client(), official(cell, sichuan)
    sign_in(browser, person)
    app = make_client(cell, PLATFORM)
    assert ask(browser, app).status_code == 200
    code_for(app, person, browser=browser)
    assert ask(browser, app).status_code in (302, 303)
    cli = App(cell, PLATFORM, "cli", "platform.cli", None, redirect="http://127.0.0.1/signed-in")
    sent = browser.get(f"/oauth/authorize?{urlencode(cli.query())}")
    assert "code" in dict(parse_qsl(urlsplit(sent.headers["Location"]).query))


def test_a_closed_client_of_the_platform_keeps_no_tokens_of_any_tenant(cell: Cell, sichuan: UUID) -> None:
    app, person = make_client(cell, PLATFORM), official(cell, sichuan)
    token = tokens_for(app, person, scope="parks:read")["access_token"]
    assert use(cell, token).status_code == 200
    other = tokens_for(command_line(cell), person, scope="parks:read")["access_token"]
    with cell.session(PLATFORM) as session:
        close_client(session, app.name)
    cell.carry()
    cell.clock.advance(timedelta(seconds=2))
    assert use(cell, token).json["code"] == "token_revoked"
    assert use(cell, other).status_code == 200


def machine_token(app: App) -> dict[str, Any]:
    found: dict[str, Any] = app.post("token", grant_type="client_credentials").json
    return found


def test_tokens_end_no_later_than_their_client(cell: Cell, sichuan: UUID) -> None:
    ending = cell.clock.now() + timedelta(minutes=2)
    machine = make_client(cell, sichuan, "machine", expires_at=ending)
    web = make_client(cell, sichuan, expires_at=ending)
    for token in (machine_token(machine), tokens_for(web, official(cell, sichuan))):
        assert claims_of(token["access_token"])["exp"] <= ending.timestamp()
        assert token["expires_in"] <= 120


def test_an_earlier_end_of_a_client_voids_its_tokens(cell: Cell, sichuan: UUID) -> None:
    app = make_client(cell, sichuan, "machine")
    token = machine_token(app)["access_token"]
    with cell.session(sichuan) as session:
        revise_client(session, app.name, expires_at=cell.clock.now() + timedelta(hours=1))
    assert use(cell, token).json["code"] == "token_revoked"
    token = machine_token(app)["access_token"]
    with cell.session(sichuan) as session:
        revise_client(session, app.name, expires_at=cell.clock.now() + timedelta(hours=2))
    assert use(cell, token).status_code == 200


def revoked(session: Session) -> dict[str, str]:
    return dict(session.scalar(select(RevocationList.revoked)) or {})


def test_a_client_that_revokes_much_voids_only_what_is_its_own(cell: Cell, sichuan: UUID) -> None:
    app, victim = make_client(cell, sichuan, "machine"), cell.token(sichuan, "official")
    tokens = [machine_token(app)["access_token"] for _ in range(MOST_OWN + 2)]
    for token in tokens[:-1]:
        assert app.post("revoke", token=token).status_code == 200
    with cell.session(sichuan) as session:
        assert list(revoked(session)) == [f"client:{app.client_id}"]
    assert use(cell, tokens[-1]).json["code"] == "token_revoked"
    assert use(cell, victim).status_code == 200
    assert use(cell, machine_token(app)["access_token"]).status_code == 200


def test_a_person_who_revokes_much_ends_no_one_elses_tokens_of_the_same_client(cell: Cell, sichuan: UUID) -> None:
    app, person = make_client(cell, sichuan), official(cell, sichuan)
    token = tokens_for(app, person)["access_token"]
    assert app.post("revoke", token=token).status_code == 200
    with cell.session(sichuan) as session:
        assert next(iter(revoked(session).values())).endswith(f" sub:{person.id}")


def test_only_administrators_revocations_void_a_whole_tenant(cell: Cell, sichuan: UUID) -> None:
    with cell.session(sichuan) as session:
        revoke(session, [f"sid:{uuid4()}" for _ in range(401)], owner="sub:a")
        assert "*" not in revoked(session)
        revoke(session, ["client:x"])
        assert "*" not in revoked(session)
        revoke(session, [f"sub:{uuid4()}" for _ in range(401)])
        assert set(revoked(session)) == {"*"}


def test_an_assertion_is_remembered_for_as_long_as_it_is_taken(cell: Cell, sichuan: UUID) -> None:
    until = cell.clock.now() + timedelta(seconds=2)

    def accepted() -> bool:
        with cell.session(sichuan) as session:
            return accept_assertion(session, "a.b", jti="once", until=until)

    assert accepted()
    cell.clock.advance(timedelta(seconds=6))
    assert not accepted()
    assert not accepted()


def test_a_person_who_signs_out_often_voids_only_what_is_its_own(cell: Cell, sichuan: UUID) -> None:
    person, browser = official(cell, sichuan), cell.app.test_client()
    with cell.session(sichuan) as session:
        revoke(session, [f"sid:{uuid4()}" for _ in range(MOST_OWN)], owner=f"sub:{person.id}")
    sign_in(browser, person)
    assert browser.post("/signout", data={"csrf": csrf_of(browser.get("/account").text)}).status_code in (302, 303)
    with cell.session(sichuan) as session:
        assert list(revoked(session)) == [f"sub:{person.id}"]
