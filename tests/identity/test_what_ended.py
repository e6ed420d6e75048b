"""What has ended stays so: a session that ended beside another request, and what hung on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.identity.commands import codes, sessions
from services.identity.domain.keys import FAMILY_LIFE
from services.identity.models import Family, WebSession
from services.identity.oauth import grants
from services.identity.pages import choosing
from shared.core.context import PLATFORM
from tests.builders.cell import Cell
from tests.builders.identity import Person, csrf_of, link_member, make_user, send, sign_in
from tests.builders.oauth import (
    DEVICE,
    answered,
    ask,
    code_for,
    make_client,
    official,
    tokens_for,
    use,
)
from tests.identity.test_protocol import error_of


def end_all(cell: Cell, person: Person) -> list[sessions.Ended]:
    with cell.session(person.tenant) as session:
        return sessions.end_sessions(session, person.id)


def test_switching_the_tenant_does_not_revive_a_session_that_has_just_ended(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, browser = make_user(cell, sichuan, "official"), cell.app.test_client()
    link_member(cell, person, chongqing, roles=["clerk"])
    sign_in(browser, person, tenant=sichuan)
    token, held_memberships = csrf_of(browser.get("/signin/tenant").text), choosing.held_memberships

    def ended_meanwhile(found: Any) -> Any:
        end_all(cell, person)
        return held_memberships(found)

    monkeypatch.setattr(choosing, "held_memberships", ended_meanwhile)
    answer = browser.post("/signin/tenant", data={"csrf": token, "tenant": str(chongqing)})
    assert answer.headers["Location"].startswith("/signin?")
    assert browser.get("/account").headers["Location"].startswith("/signin?")


def test_nothing_is_refreshed_once_the_browser_session_has_ended(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    person, app, browser = official(cell, sichuan), make_client(cell, chongqing), cell.app.test_client()
    link_member(cell, person, chongqing, roles=["observer"])
    sign_in(browser, person, tenant=chongqing)
    tokens = tokens_for(app, person, browser=browser)
    end_all(cell, person)
    assert error_of(app.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_a_code_redeemed_beside_a_sign_out_gives_tokens_that_are_void(
    cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, app = official(cell, sichuan), make_client(cell, sichuan)
    code, redeem_code = code_for(app, person), codes.redeem_code

    def signed_out_meanwhile(*given: Any, **named: Any) -> Any:
        ended = end_all(cell, person)
        with cell.session(sichuan) as session:
            sessions.void_session_tokens(session, ended, by="session")
        return redeem_code(*given, **named)

    monkeypatch.setattr(grants, "redeem_code", signed_out_meanwhile)
    tokens = app.redeem(code).json
    with cell.session(sichuan) as session:
        assert session.scalars(select(Family.ended_by)).one() == "session"
    assert use(cell, tokens["access_token"]).json["code"] == "token_revoked"


def test_a_new_password_ends_what_devices_hold_in_every_tenant(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    person, cli, browser = official(cell, sichuan), make_client(cell, PLATFORM, "public"), cell.app.test_client()
    link_member(cell, person, chongqing, roles=["observer"])
    sign_in(browser, person, tenant=chongqing)
    device = cli.post("device_authorization").json
    page = browser.get(f"/device?user_code={device['user_code']}")
    form = {"csrf": csrf_of(page.text), "user_code": device["user_code"], "decision": "allow"}
    assert browser.post("/device", data=form).status_code == 200
    tokens = cli.post("token", grant_type=DEVICE, device_code=device["device_code"]).json
    assert use(cell, tokens["access_token"]).status_code == 200
    new = "another horse 电池 staple"
    answer = send(browser, "/account/password", {"current": person.password, "password": new, "again": new})
    assert answer.headers["Location"] == "/account?done=password"
    assert use(cell, tokens["access_token"]).json["code"] == "token_revoked"
    assert error_of(cli.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_an_application_that_was_ended_has_to_ask_for_consent_again(cell: Cell, sichuan: UUID) -> None:
    person, app, browser = official(cell, sichuan), make_client(cell, sichuan), cell.app.test_client()
    sign_in(browser, person)
    app.redeem(code_for(app, person, browser=browser))
    with cell.session(sichuan) as session:
        key = session.scalars(select(Family.id)).one()
    form = {"csrf": csrf_of(browser.get("/account").text)}
    assert browser.post(f"/account/applications/{key}/end", data=form).status_code == 303
    assert answered(ask(browser, app, prompt="none"))["error"] == "consent_required"


def test_old_sessions_are_forgotten_when_the_next_begins(cell: Cell, sichuan: UUID) -> None:
    person = official(cell, sichuan)
    now = cell.clock.now()
    ages = {"ended": timedelta(days=31), "idle": timedelta(days=31), "done": FAMILY_LIFE + timedelta(days=2)}
    keys = {}
    for name, age in ages.items():
        with cell.session(sichuan) as session:
            start = sessions.Start(user_id=person.id, methods=["pwd"], address="203.0.113.9", agent="browser")
            keys[name] = sessions.start_session(session, start)[0].id
            ended = now - age if name == "ended" else None
            made = update(WebSession).where(WebSession.id == keys[name])
            session.execute(made.values(created_at=now - age, seen_at=now - age, ended_at=ended))
    sign_in(cell.app.test_client(), person)
    with cell.session(sichuan) as session:
        kept = {row.id: (row.address, row.agent) for row in session.scalars(select(WebSession))}
    # What tokens may still hang on stays, without where it was.
    assert kept.pop(keys["idle"]) == (None, "")
    assert len(kept) == 1
    assert not kept.keys() & set(keys.values())
