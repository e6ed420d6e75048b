"""Signing in by password: what counts, what is refused, and what an attacker cannot do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.identity.commands import accounts, passwords, throttle
from services.identity.commands.sessions import ABSOLUTE, IDLE
from services.identity.commands.throttle import SignInAttempt
from services.identity.domain.federation import vouched
from services.identity.domain.throttling import FIRST_WAIT
from services.identity.models import Failure, User, WebSession
from services.identity.pages.proving import device_cookie
from shared.core.context import PLATFORM
from shared.core.errors import RefusedError
from shared.evidence.audit import AuditInbox
from tests.builders.cell import Cell
from tests.builders.identity import Person, csrf_of, link_member, lock_state, make_user, send, sign_in
from tests.shared.test_identifiers import wide


def attempt(client, login, password, *, address="203.0.113.9"):
    fields = {"login": login, "password": password}
    return send(client, "/signin", fields, environ_overrides={"REMOTE_ADDR": address})


def refusals(cell: Cell, tenant: UUID) -> list[str]:
    with cell.session(tenant) as session:
        records = session.scalars(select(AuditInbox.record).order_by(AuditInbox.id)).all()
    return [item["reason"] for item in records if item["outcome"] == "refused"]


def test_the_right_password_opens_the_account_page(cell: Cell, sichuan: UUID) -> None:
    client = cell.app.test_client()
    answer = sign_in(client, make_user(cell, sichuan, "official"))
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/account"
    assert client.get("/account").status_code == 200


def test_nobody_gets_to_the_account_without_signing_in(cell: Cell) -> None:
    answer = cell.app.test_client().get("/account")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/signin?next=%2Faccount"


@pytest.mark.parametrize("login", ["nobody@{code}", "nobody@nowhere", "{login}"])
def test_a_wrong_password_an_unknown_account_and_an_unknown_tenant_get_the_same_answer(
    cell: Cell, sichuan: UUID, login: str
) -> None:
    person = make_user(cell, sichuan, "official")
    typed = login.format(login=person.login, code=person.login.partition("@")[2])
    answer = attempt(cell.app.test_client(), typed, "wrong password indeed")
    assert answer.status_code == 422
    assert "登录名或密码不正确" in answer.text
    place = PLATFORM if "nowhere" in login else sichuan
    assert refusals(cell, place)[-1] == "wrong_password"


@pytest.mark.parametrize("state", ["locked", "deactivated"])
def test_an_account_that_is_not_active_is_refused_even_with_its_password(cell: Cell, sichuan: UUID, state: str) -> None:
    person = make_user(cell, sichuan, "official")
    lock_state(cell, person, state)
    answer = attempt(cell.app.test_client(), person.login, person.password)
    assert answer.status_code == 403
    assert refusals(cell, sichuan) == ["account_not_active"]


def test_a_form_without_its_token_is_refused(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    client = cell.app.test_client()
    client.get("/signin")
    fields = {"login": person.login, "password": person.password}
    assert client.post("/signin", data=fields).status_code == 403
    other = csrf_of(cell.app.test_client().get("/signin").text)
    assert client.post("/signin", data={**fields, "csrf": other}).status_code == 403


def test_a_form_sent_from_another_site_is_refused(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    fields = {"login": person.login, "password": person.password}
    answer = send(cell.app.test_client(), "/signin", fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("where", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                                   "/a\nb", "http:/evil.example", "/" + "a" * 8000])  # fmt: skip
def test_nobody_is_led_to_another_site_after_signing_in(cell: Cell, sichuan: UUID, where: str) -> None:
    person = make_user(cell, sichuan, "official")
    fields = {"login": person.login, "password": person.password, "next": where}
    answer = send(cell.app.test_client(), "/signin", fields)
    assert answer.headers["Location"] == "/account"


def test_towards_the_protocol_a_page_leads_on_so_that_the_form_policy_does_not_stop_it(
    cell: Cell, sichuan: UUID
) -> None:
    answer = sign_in(cell.app.test_client(), make_user(cell, sichuan, "official"), next_url="/oauth/authorize?a=1&b=2")
    assert answer.status_code == 200
    assert 'content="0; url=/oauth/authorize?a=1&amp;b=2"' in answer.text


def test_the_cookie_is_new_at_sign_in_and_the_one_before_is_worth_nothing(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    client, other = cell.app.test_client(), cell.app.test_client()
    sign_in(client, person)
    before = client.get_cookie("xietong_session").value
    answer = client.get("/signin?again=1")
    client.post("/signin", data={"csrf": csrf_of(answer.text), "login": person.login, "password": person.password})
    assert client.get_cookie("xietong_session").value != before
    other.set_cookie("xietong_session", before)
    assert other.get("/account").status_code == 303


def test_cookies_are_kept_from_scripts_and_other_sites(cell: Cell, sichuan: UUID) -> None:
    answer = sign_in(cell.app.test_client(), make_user(cell, sichuan, "official"))
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for item in cookies:
        assert "HttpOnly" in item
        assert "SameSite=Lax" in item
        assert "Path=/" in item


def test_an_idle_session_ends_after_half_an_hour(cell: Cell, sichuan: UUID) -> None:
    client = cell.app.test_client()
    sign_in(client, make_user(cell, sichuan, "official"))
    cell.clock.advance(IDLE - timedelta(seconds=1))
    assert client.get("/account").status_code == 200
    cell.clock.advance(IDLE + timedelta(seconds=1))
    assert client.get("/account").status_code == 303


def test_a_session_in_use_ends_after_half_a_day(cell: Cell, sichuan: UUID) -> None:
    client = cell.app.test_client()
    sign_in(client, make_user(cell, sichuan, "official"))
    for _ in range(ABSOLUTE // IDLE):
        assert client.get("/account").status_code == 200
        cell.clock.advance(IDLE - timedelta(seconds=1))
    cell.clock.advance(timedelta(minutes=1))
    assert client.get("/account").status_code == 303


def test_a_session_ends_with_the_account(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    client = cell.app.test_client()
    sign_in(client, person)
    with cell.session(sichuan) as session:
        accounts.lock(session, person.id)
    assert client.get("/account").status_code == 303


def test_signing_out_ends_the_session_after_asking(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    client = cell.app.test_client()
    sign_in(client, person)
    kept = client.get_cookie("xietong_session").value
    assert client.get("/signout").status_code == 200
    assert client.get("/account").status_code == 200
    assert send(client, "/signout", {}).status_code == 303
    client.set_cookie("xietong_session", kept)
    assert client.get("/account").status_code == 303


def test_a_hash_with_old_parameters_is_made_anew_at_sign_in(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    old = passwords.PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(person.password)
    with cell.session(sichuan) as session:
        session.get_one(User, (sichuan, person.id)).password_hash = old
    sign_in(cell.app.test_client(), person)
    with cell.session(sichuan) as session:
        renewed = session.get_one(User, (sichuan, person.id)).password_hash
    assert renewed != old
    assert not passwords.is_outdated(renewed)


def test_someone_with_two_memberships_chooses_and_switches_and_the_session_before_ends(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    person = make_user(cell, sichuan, "official")
    link_member(cell, person, chongqing, roles=["observer"])
    client = cell.app.test_client()
    sign_in(client, person)
    assert client.get("/account").headers["Location"] == "/signin/tenant?next=%2Faccount"
    assert send(client, "/signin/tenant?next=/account", {"tenant": str(PLATFORM)}).status_code == 422
    send(client, "/signin/tenant?next=/account", {"tenant": str(chongqing), "next": "/account"})
    assert client.get("/account").status_code == 200
    send(client, "/signin/tenant?next=/account", {"tenant": str(sichuan), "next": "/account"})
    with cell.session(sichuan) as session:
        rows = session.execute(select(WebSession.for_tenant_id, WebSession.ended_at.is_(None))).all()
    assert sorted(rows, key=str) == sorted([(chongqing, False), (sichuan, True)], key=str)


def test_after_five_failures_waiting_doubles_for_this_address_alone(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    client = cell.app.test_client()
    answers = [attempt(client, person.login, "wrong").status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert refusals(cell, sichuan).count("wrong_password") == 5
    waits = []
    for _ in range(12):
        blocked = attempt(client, person.login, person.password)
        waits.append(int(blocked.headers["Retry-After"]))
        cell.clock.advance(timedelta(seconds=waits[-1]))
        assert attempt(client, person.login, "wrong").status_code == 422
    assert waits[:6] == [1, 2, 4, 8, 16, 32]
    assert waits[-1] == 900
    elsewhere = attempt(cell.app.test_client(), person.login, person.password, address="198.51.100.1")
    assert elsewhere.status_code == 303


def attacked(cell: Cell, tenant: UUID, login: str, *, seconds: int) -> int:
    """Failures from a hundred addresses, one a second as far as they are let; returns how many were judged."""
    judged = 0
    with cell.session(tenant) as session:
        for number in range(seconds):
            address = f"203.0.113.{number % 100}"
            judged += not throttle.admit(session, SignInAttempt(purpose="password", login=login, address=address))
            cell.clock.advance(timedelta(seconds=1))
    return judged


def test_a_thousand_failures_from_elsewhere_do_not_lock_the_owner_out(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    known, fresh = cell.app.test_client(), cell.app.test_client()
    sign_in(known, person)
    known.delete_cookie("xietong_session")
    assert attacked(cell, sichuan, person.login, seconds=1000) > 300
    assert attempt(known, person.login, person.password, address="198.51.100.7").status_code == 303
    first = attempt(fresh, person.login, person.password, address="198.51.100.8")
    assert first.status_code == 429
    assert int(first.headers["Retry-After"]) <= FIRST_WAIT.total_seconds()
    # The attack goes on; it cannot take the owner's turn away.
    attacked(cell, sichuan, person.login, seconds=int(FIRST_WAIT.total_seconds()))
    assert attempt(fresh, person.login, person.password, address="198.51.100.8").status_code == 303


def test_many_guesses_at_once_get_no_further_than_one_after_the_other(
    cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine they last longer than the first delay.
    moment = cell.clock.now()
    monkeypatch.setattr(cell.clock, "now", lambda: moment)
    person = make_user(cell, sichuan, "official")
    guess = SignInAttempt(purpose="password", login=person.login, address="203.0.113.9")

    def judged(_number: int) -> bool:
        with cell.session(sichuan) as session:
            return not throttle.admit(session, guess)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(judged, range(40))) == 5


def test_a_browser_known_to_one_account_is_not_known_to_another(cell: Cell, sichuan: UUID) -> None:
    owner, attacker = make_user(cell, sichuan, "official"), make_user(cell, sichuan, "official")
    client = cell.app.test_client()
    sign_in(client, attacker)
    mine = client.get_cookie(f"xietong_{device_cookie(attacker.login)}").value
    client.set_cookie(f"xietong_{device_cookie(owner.login)}", mine)
    client.delete_cookie("xietong_session")
    for _ in range(6):
        answer = attempt(client, owner.login, "wrong")
    assert answer.status_code == 429
    with cell.session(sichuan) as session:
        assert not [key for key in session.scalars(select(Failure.key)) if "/device/" in key]


def test_trying_one_password_on_many_accounts_slows_the_address_down(cell: Cell, sichuan: UUID) -> None:
    code = make_user(cell, sichuan, "official").login.partition("@")[2]
    client = cell.app.test_client()
    answers = [attempt(client, f"user-{number}@{code}", "Spring2026!").status_code for number in range(103)]
    assert answers[:100] == [422] * 100
    assert 429 in answers[100:]


def test_unlocking_an_account_forgets_what_was_counted_against_it(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    client = cell.app.test_client()
    assert [attempt(client, person.login, "wrong").status_code for _ in range(6)][-1] == 429
    with cell.session(sichuan) as session:
        accounts.lock(session, person.id)
    with cell.session(sichuan) as session:
        accounts.unlock(session, person.id)
    assert attempt(client, person.login, person.password).status_code == 303


def test_failures_hold_no_login_and_no_address(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    attempt(cell.app.test_client(), person.login, "wrong")
    with cell.session(sichuan) as session:
        keys = session.scalars(select(Failure.key)).all()
    assert len(keys) == 3
    assert not [key for key in keys if "203.0.113.9" in key or person.login.partition("@")[0] in key]


def test_an_office_behind_one_address_signs_in_all_at_once(cell: Cell, sichuan: UUID) -> None:
    people = [make_user(cell, sichuan, "official") for _number in range(6)]

    def pages(person: Person) -> list[int]:
        return [sign_in(cell.app.test_client(), person).status_code for _time in range(8)]

    with ThreadPoolExecutor(6) as pool:
        answers = [status for found in pool.map(pages, people) for status in found]
    assert answers == [answers[0]] * 48
    assert answers[0] < 400


@pytest.mark.parametrize(
    "dress", [str.upper, lambda login: login.replace("@", "\uff20"), wide, lambda login: f"{login}。"]
)
def test_a_login_is_the_same_in_any_width(cell: Cell, sichuan: UUID, dress: Any) -> None:
    person = make_user(cell, sichuan, "official")
    assert attempt(cell.app.test_client(), dress(person.login), person.password).status_code == 303
    assert attempt(cell.app.test_client(), dress(person.login), "wrong password indeed").status_code == 422


@pytest.mark.parametrize("login", ["\u212aevin@sichuan", "\uff41dmin@sichuan", "\u202eadmin@sichuan", "a\x00@sichuan"])
def test_what_another_provider_says_is_never_read_as_somebody_else(login: str) -> None:
    claims = {"sub": "1", "preferred_username": login}
    with pytest.raises(RefusedError):
        vouched(claims, names={"login": "preferred_username"}, domain=None, code="sichuan")
