"""Passwords: which are taken, what they cost, and that nobody learns from the time it takes."""

from __future__ import annotations

from contextlib import suppress
from statistics import median
from threading import Thread
from time import perf_counter
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from services.identity.commands import passwords
from services.identity.domain.passwords import check_password, common_passwords, normalised
from shared.core.errors import InvalidError, UnavailableError
from tests.builders.cell import Cell
from tests.builders.identity import csrf_of, make_user, send, sign_in

REAL = PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1)


def check(password: str) -> str:
    return check_password(password, login="zhang.wei", tenant="sichuan")


@pytest.mark.parametrize(
    "password", ["correct horse battery", "一二三四五六七八九十甲乙", "Ünïcödé wörds hier", "x" * 7 + "abcdefg"]
)
def test_long_uncommon_passwords_are_taken(password: str) -> None:
    assert check(password) == normalised(password)


@pytest.mark.parametrize(
    "password",
    ["short", "x" * 129, "password1234", "woaini1314520", "Woaini1314!!", "zhangwei123456", "aaaaaaaaaaaaaaa",
     "123456789012", "qwertyuiop12", "my-zhang.wei-pass", "go-SICHUAN-2026!", "passwordpassword", "1qaz2wsx3edc"],
)  # fmt: skip
def test_short_common_and_personal_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidError, match="password_weak"):
        check(password)


def test_the_same_characters_typed_full_width_are_the_same_password() -> None:
    made = passwords.hash_password("correct horse battery")
    assert passwords.fits(made, "correct horse battery")
    assert not passwords.fits(made, "correct horse batterz")


def test_the_list_is_long_and_knows_chinese_habits() -> None:
    assert len([item for item in common_passwords() if len(item) >= 8]) >= 10_000
    assert {"woaini1314", "5201314520", "zhangwei123456"} <= common_passwords()


@given(st.text(max_size=300))
def test_any_text_is_judged_without_an_error_of_another_kind(text: str) -> None:
    with suppress(InvalidError):
        assert 12 <= len(check(text)) <= 128


def test_the_parameters_are_those_of_the_constant() -> None:
    # quick_hashing replaces the constant in tests; this is what stands in the module.
    source = passwords.__file__
    with open(source, encoding="utf-8") as file:  # noqa: PTH123
        assert "PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1)" in file.read()


def test_more_than_four_at_once_wait_for_their_turn_and_then_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE", 0.05)
    for _ in range(passwords.AT_ONCE):
        assert passwords._turns.acquire(timeout=1)
    try:
        with pytest.raises(UnavailableError, match="busy"):
            passwords.hash_password("correct horse battery")
    finally:
        for _ in range(passwords.AT_ONCE):
            passwords._turns.release()


def test_who_finds_no_seat_is_refused_at_once() -> None:
    for _ in range(passwords.SEATS):
        assert passwords._seats.acquire(timeout=1)
    begun = perf_counter()
    try:
        with pytest.raises(UnavailableError, match="busy"):
            passwords.hash_password("correct horse battery")
    finally:
        passwords._seats.release(passwords.SEATS)
    assert perf_counter() - begun < passwords.PATIENCE / 2


def test_a_busy_page_says_so_with_503(cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_user(cell, sichuan, "official")
    monkeypatch.setattr(passwords, "PATIENCE", 0.05)
    for _ in range(passwords.AT_ONCE):
        passwords._turns.acquire(timeout=1)
    try:
        fields = {"login": person.login, "password": person.password}
        answer = send(cell.app.test_client(), "/signin", fields)
    finally:
        for _ in range(passwords.AT_ONCE):
            passwords._turns.release()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"


def test_unknown_accounts_take_as_long_as_known_ones(
    cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "HASHER", REAL)
    person = make_user(cell, sichuan, "official")
    code = person.login.partition("@")[2]
    logins = {"known": person.login, "unknown": f"nobody@{code}", "no tenant": "nobody@nowhere"}
    times: dict[str, list[float]] = {name: [] for name in logins}
    passwords.fits(None, "the hash of nobody is made once")
    for number in range(15):
        for name, login in logins.items():
            client = cell.app.test_client()
            token = csrf_of(client.get("/signin").text)
            fields = {"csrf": token, "login": login, "password": "wrong horse battery"}
            begun = perf_counter()
            place = {"REMOTE_ADDR": f"203.0.113.{number}"}
            assert client.post("/signin", data=fields, environ_overrides=place).status_code == 422
            times[name].append(perf_counter() - begun)
    middles = {name: median(found) for name, found in times.items()}
    print({name: round(1000 * value, 1) for name, value in middles.items()})  # noqa: T201
    assert max(middles.values()) - min(middles.values()) < 0.25 * max(middles.values())


def test_hashing_lets_other_threads_work() -> None:
    done: list[float] = []

    def hash_one() -> None:
        REAL.hash("correct horse battery")
        done.append(perf_counter())

    thread = Thread(target=hash_one)
    begun = perf_counter()
    thread.start()
    turns = 0
    while not done:
        turns += 1
    thread.join()
    assert turns > 100
    assert done[0] > begun


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    client, other = cell.app.test_client(), cell.app.test_client()
    sign_in(client, person)
    sign_in(other, person)
    new = "another horse 电池 staple"
    fields = {"current": person.password, "password": new, "again": new}
    before = client.get_cookie("xietong_session").value
    assert send(client, "/account/password", fields).headers["Location"] == "/account?done=password"
    assert client.get_cookie("xietong_session").value != before
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    person.password = new
    sign_in(cell.app.test_client(), person)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"current": "wrong horse battery"}, "当前密码不正确"), ({"again": "different horse"}, "两次输入的密码不一致"),
     ({"password": "short", "again": "short"}, "密码至少需要 12 个字符")],
)  # fmt: skip
def test_a_change_with_a_fault_says_what_is_wrong_and_changes_nothing(
    cell: Cell, sichuan: UUID, changes: dict[str, str], said: str
) -> None:
    person = make_user(cell, sichuan, "official")
    client = cell.app.test_client()
    sign_in(client, person)
    new = "another horse 电池 staple"
    answer = send(client, "/account/password", {"current": person.password, "password": new, "again": new, **changes})
    assert answer.status_code == 422
    assert answer.text.count(said) == 2
    sign_in(cell.app.test_client(), person)
