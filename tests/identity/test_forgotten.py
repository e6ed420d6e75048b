"""A forgotten password: asked for on a page, seen by administrators, mended by their link; nobody learns who exists."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from tests.builders.administration import auditor, system
from tests.builders.cell import Cell
from tests.builders.identity import Person, make_user, send, sign_in

PAGE = "/signin/forgotten"


def ask(browser: FlaskClient, login: str) -> Any:
    return send(browser, PAGE, {"login": login, "next": "/account"})


def offer(cell: Cell, tenant: UUID) -> None:
    answer = system(cell, tenant).put("/v1/sign-in-rules", {"forgotten_passwords": True})
    assert (answer.status_code, answer.json) == (200, {"forgotten_passwords": True})


def asked(cell: Cell, tenant: UUID) -> list[str]:
    return [item["id"] for item in system(cell, tenant).get("/v1/users?reset_asked=true").json["items"]]


def shown(answer: Any) -> str:
    return re.sub(r'value="[^"]*"', "", answer.text)


def test_who_asks_is_seen_by_the_administrators_until_they_hand_out_a_link(cell: Cell, sichuan: UUID) -> None:
    offer(cell, sichuan)
    person = make_user(cell, sichuan, "clerk")
    answer = ask(cell.app.test_client(), person.login.upper())
    assert (answer.status_code, "已转告管理员" in answer.text) == (200, True)
    assert asked(cell, sichuan) == [str(person.id)]
    row = system(cell, sichuan).get(f"/v1/users/{person.id}").json
    assert row["reset_asked_at"] is not None
    assert "invite_again" in row["allowed_actions"]
    link = system(cell, sichuan).post(f"/v1/users/{person.id}/invite-again").json["invitation_url"]
    assert (asked(cell, sichuan), "/invitation/" in link) == ([], True)


def test_nobody_learns_from_the_answer_who_has_an_account_nor_what_became_of_it(cell: Cell, sichuan: UUID) -> None:
    offer(cell, sichuan)
    person = make_user(cell, sichuan, "clerk")
    code = person.login.partition("@")[2]
    browser = cell.app.test_client()
    answers = [ask(browser, login) for login in (person.login, f"nobody@{code}", f"{'x' * 200}@{code}")]
    assert {(item.status_code, shown(item)) for item in answers} == {(200, shown(answers[0]))}
    assert [ask(browser, login).status_code for login in ("no tenant", f"\0@{code}")] == [422, 422]
    cell.sweep(sichuan)
    noted = auditor(cell, sichuan).get("/v1/audit?act=identity.password.reset_asked").json["items"]
    assert [(item["outcome"], item["reason"], item["subject"]) for item in noted] == [
        ("refused", "no_password_here", None), ("refused", "no_password_here", None), ("done", None, str(person.id)),
    ]  # fmt: skip


def test_a_tenant_that_has_not_allowed_it_takes_no_requests(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "clerk")
    here, nowhere = (ask(cell.app.test_client(), login) for login in (person.login, "zhang.wei@no-such-place"))
    assert (shown(here), "请直接联系管理员" in here.text) == (shown(nowhere), True)
    assert asked(cell, sichuan) == []
    refused = cell.client(sichuan, "security_administrator").put("/v1/sign-in-rules", {"forgotten_passwords": True})
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")


def test_asking_again_and_again_is_slowed_down_and_signing_in_is_not(cell: Cell, sichuan: UUID) -> None:
    offer(cell, sichuan)
    person = make_user(cell, sichuan, "clerk")
    statuses = [ask(cell.app.test_client(), person.login).status_code for _ in range(7)]
    assert (statuses[0], statuses[-1]) == (200, 429)
    assert sign_in(cell.app.test_client(), person).status_code == 303


def test_a_new_password_ends_the_request(cell: Cell, sichuan: UUID) -> None:
    offer(cell, sichuan)
    person: Person = make_user(cell, sichuan, "clerk")
    ask(cell.app.test_client(), person.login)
    browser = cell.app.test_client()
    sign_in(browser, person)
    fields = {"current": person.password, "password": "another horse 电池 staple", "again": "another horse 电池 staple"}
    send(browser, "/account/password", fields)
    assert asked(cell, sichuan) == []
