"""The second factor: who needs it, what counts once, and how guessing is slowed down."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select

from services.identity.commands import factors
from services.identity.models import User, WebSession
from shared.evidence.audit import AuditInbox
from shared.http.requests.tokens import FRESH_SECONDS
from tests.builders.cell import Cell
from tests.builders.identity import csrf_of, make_user, send, sign_in
from tests.shared.test_identifiers import wide

FACTOR = "/signin/factor?next=/account"


def with_password(client, person):
    return send(client, "/signin", {"login": person.login, "password": person.password, "next": "/account"})


def give(client, code, **fields):
    return send(client, FACTOR, {"code": code, "next": "/account", **fields})


def test_the_code_opens_the_account_and_a_wrong_one_does_not(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "security_administrator")
    client = cell.app.test_client()
    with_password(client, person)
    assert client.get("/account").headers["Location"] == "/signin/factor?next=%2Faccount"
    assert give(client, "000000").status_code == 422
    assert client.get("/account").status_code == 303
    assert give(client, person.code()).headers["Location"] == "/account"
    assert client.get("/account").status_code == 200
    with cell.session(sichuan) as session:
        methods = session.scalars(select(WebSession.methods)).one()
    assert methods == ["otp", "pwd"]


def test_the_cookie_is_new_once_the_factor_is_given(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "signatory")
    client, thief = cell.app.test_client(), cell.app.test_client()
    with_password(client, person)
    thief.set_cookie("xietong_session", client.get_cookie("xietong_session").value)
    give(client, person.code())
    assert thief.get("/account").headers["Location"].startswith("/signin?")


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_may_come_one_step_early_or_late(cell: Cell, sichuan: UUID, steps: int) -> None:
    person = make_user(cell, sichuan, "signatory")
    client = cell.app.test_client()
    with_password(client, person)
    code = pyotp.TOTP(person.otp_secret).at(cell.clock.now() + timedelta(seconds=steps * factors.STEP))
    assert give(client, code).status_code == 303


@pytest.mark.parametrize("steps", [-3, 3])
def test_a_code_from_further_away_does_not_count(cell: Cell, sichuan: UUID, steps: int) -> None:
    person = make_user(cell, sichuan, "signatory")
    client = cell.app.test_client()
    with_password(client, person)
    code = pyotp.TOTP(person.otp_secret).at(cell.clock.now() + timedelta(seconds=steps * factors.STEP))
    assert give(client, code).status_code == 422


def test_a_code_counts_once_also_among_many_at_once(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "signatory")
    code = person.code()

    def give_it(_number: int) -> bool:
        with cell.session(sichuan) as session:
            return factors.give_code(session, session.get_one(User, (sichuan, person.id)), code=code)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(give_it, range(24))) == 1


def test_a_recovery_code_counts_once_warns_and_is_written_down(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "audit_administrator")
    client, again = cell.app.test_client(), cell.app.test_client()
    with_password(client, person)
    answer = give(client, person.recovery[3].lower(), way="recovery")
    assert answer.status_code == 200
    assert "还剩 9 个恢复码" in answer.text
    assert client.get("/account").status_code == 200
    with_password(again, person)
    assert give(again, person.recovery[3], way="recovery").status_code == 422
    with cell.session(sichuan) as session:
        records = session.scalars(select(AuditInbox.record).order_by(AuditInbox.id)).all()
    given = [item for item in records if item["act"] == "identity.factor.given"]
    assert [item["outcome"] for item in given] == ["done", "refused"]
    assert given[0]["after"] == {"recovery": True, "recovery_codes_left": 9}


def test_codes_are_kept_as_keyed_hashes_and_the_secret_sealed(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "signatory")
    with cell.session(sichuan) as session:
        user = session.get_one(User, (sichuan, person.id))
    assert person.otp_secret.encode() not in user.otp_sealed
    assert len(user.recovery) == 10
    assert not set(person.recovery) & set(user.recovery)


def test_guessing_codes_waits_like_guessing_passwords(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "signatory")
    client = cell.app.test_client()
    with_password(client, person)
    assert [give(client, "000000").status_code for _ in range(6)] == [422] * 5 + [429]
    assert give(client, person.code()).status_code == 429
    cell.clock.advance(timedelta(seconds=1))
    assert give(client, person.code()).status_code == 303


def test_whoever_knows_the_password_cannot_try_codes_from_many_addresses(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "signatory")
    client = cell.app.test_client()
    with_password(client, person)
    answers = []
    for number in range(25):
        token = csrf_of(client.get(FACTOR).text)
        place = {"REMOTE_ADDR": f"203.0.113.{number}"}
        answers.append(client.post("/signin/factor", data={"csrf": token, "code": "0"}, environ_overrides=place))
    assert [answer.status_code for answer in answers[:20]] == [422] * 20
    assert 429 in [answer.status_code for answer in answers[20:]]


def test_a_role_that_needs_a_second_factor_leads_to_setting_one_up(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "system_administrator", otp=False)
    client = cell.app.test_client()
    sign_in(client, person)
    assert client.get("/account").headers["Location"] == "/signin/factor/set-up?next=%2Faccount"
    page = client.get("/signin/factor/set-up?next=/account").text
    secret = page.partition('class="key">')[2].partition("<")[0].replace(" ", "")
    offer = page.partition('name="offer" value="')[2].partition('"')[0]
    fields = {"csrf": csrf_of(page), "offer": offer, "next": "/account"}
    assert client.post("/signin/factor/set-up", data={**fields, "code": "000000"}).status_code == 422
    code = pyotp.TOTP(secret).at(cell.clock.now())
    answer = client.post("/signin/factor/set-up", data={**fields, "code": code})
    assert answer.text.count("<li><code>") == 10
    assert client.get("/account").status_code == 200


def test_an_offer_of_one_session_is_worth_nothing_in_another(cell: Cell, sichuan: UUID) -> None:
    people = [make_user(cell, sichuan, "system_administrator", otp=False) for _ in range(2)]
    clients = [cell.app.test_client() for _ in people]
    pages = []
    for client, person in zip(clients, people, strict=True):
        sign_in(client, person)
        pages.append(client.get("/signin/factor/set-up").text)
    offer = pages[0].partition('name="offer" value="')[2].partition('"')[0]
    secret = pages[0].partition('class="key">')[2].partition("<")[0].replace(" ", "")
    fields = {"csrf": csrf_of(pages[1]), "offer": offer, "code": pyotp.TOTP(secret).at(cell.clock.now())}
    assert clients[1].post("/signin/factor/set-up", data=fields).status_code == 403


def test_replacing_the_factor_needs_the_one_before_within_ten_minutes_and_ends_other_sessions(
    cell: Cell, sichuan: UUID
) -> None:
    person = make_user(cell, sichuan, "signatory")
    client, other = cell.app.test_client(), cell.app.test_client()
    sign_in(other, person)
    sign_in(client, person)
    cell.clock.advance(timedelta(seconds=FRESH_SECONDS + 1))
    way = client.get("/signin/factor/set-up?next=/account").headers["Location"]
    assert way.startswith("/signin/factor?next=%2Fsignin%2Ffactor%2Fset-up")
    give(client, person.code())
    page = client.get("/signin/factor/set-up?next=/account").text
    secret = page.partition('class="key">')[2].partition("<")[0].replace(" ", "")
    fields = {"csrf": csrf_of(page), "offer": page.partition('name="offer" value="')[2].partition('"')[0]}
    code = pyotp.TOTP(secret).at(cell.clock.now())
    assert client.post("/signin/factor/set-up", data={**fields, "code": code}).status_code == 200
    assert other.get("/account").headers["Location"].startswith("/signin?")


def test_renewed_recovery_codes_void_those_before(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "signatory")
    client, again = cell.app.test_client(), cell.app.test_client()
    sign_in(client, person)
    page = client.get("/account").text
    answer = client.post("/account/recovery", data={"csrf": csrf_of(page)})
    assert answer.text.count("<li><code>") == 10
    with_password(again, person)
    assert give(again, person.recovery[0], way="recovery").status_code == 422


def test_a_browser_is_known_only_once_the_second_factor_was_given(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "signatory")
    client = cell.app.test_client()
    assert "device" not in str(with_password(client, person).headers.getlist("Set-Cookie"))
    assert "device" in str(give(client, person.code()).headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("dress", [wide, lambda code: f" {code[:3]} {code[3:]}。", lambda code: code.replace("0", "O")])
def test_codes_count_in_any_width(cell: Cell, sichuan: UUID, dress: Any) -> None:
    person = make_user(cell, sichuan, "signatory")
    client = cell.app.test_client()
    with_password(client, person)
    assert give(client, dress(person.code())).status_code == 303
    with cell.session(sichuan) as session:
        user = session.get_one(User, (sichuan, person.id))
        codes = factors.renew_recovery(session, user)
        assert not set("".join(codes)) & set("OILU")
        typed = dress(codes[0].replace("1", "l").lower())
        assert factors.give_recovery(session, user, code=factors.plain_code(typed)) == len(codes) - 1


def test_a_code_is_read_in_no_time_whatever_is_typed() -> None:
    began = time.process_time()
    assert factors.plain_code("x" + ")" * 64_000) == "X"
    assert factors.plain_code("(" * 50 + " 123 456 " + "." * 50) == "123456"
    assert time.process_time() - began < 0.1
