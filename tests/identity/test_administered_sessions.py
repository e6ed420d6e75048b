"""Sessions of others, as administrators see and end them."""

from __future__ import annotations

from uuid import UUID

from tests.builders.administration import active_user, records, system
from tests.builders.cell import Cell
from tests.builders.identity import link_member, make_user, sign_in


def test_a_users_sessions_are_listed_and_ended_one_by_one(cell: Cell, sichuan: UUID) -> None:
    person, admin = make_user(cell, sichuan, "clerk"), system(cell, sichuan)
    browsers = [cell.app.test_client() for _ in range(2)]
    for browser in browsers:
        sign_in(browser, person)
    listed = admin.get(f"/v1/users/{person.id}/sessions").json["items"]
    assert [(item["methods"], item["ended_at"], item["tenant"]) for item in listed] == [
        (["pwd"], None, str(sichuan))
    ] * 2
    key = {"Idempotency-Key": "end-it"}
    ended, again = (admin.post(f"/v1/sessions/{listed[0]['id']}/end", headers=key) for _ in range(2))
    assert (ended.status_code, ended.json["ended_at"] is None) == (200, False)
    # What is kept for retries does not say where somebody was.
    assert again.json == {**ended.json, "address": None, "agent": None}
    assert ended.json["address"]
    assert admin.post(f"/v1/sessions/{listed[0]['id']}/end").json["code"] == "session_ended"
    assert [browser.get("/account").status_code for browser in browsers] == [200, 303]
    token = cell.token(sichuan, "clerk", subject=str(person.id), session=listed[0]["id"])
    assert cell.app.test_client().get("/v1/parks", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    log = records(cell, sichuan, act="identity.session.ended")
    assert [item["outcome"] for item in log] == ["refused", "done"]


def test_ending_a_session_ends_its_tokens_in_the_tenant_it_acted_for(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    person = make_user(cell, sichuan, "clerk")
    link_member(cell, person, chongqing, roles=["observer"])
    sign_in(cell.app.test_client(), person, tenant=chongqing)
    listed = system(cell, sichuan).get(f"/v1/users/{person.id}/sessions").json["items"]
    living = next(item for item in listed if item["ended_at"] is None and item["tenant"] == str(chongqing))
    token = cell.token(chongqing, "observer", subject=str(person.id), session=living["id"])
    bearer = {"Authorization": f"Bearer {token}"}
    assert cell.app.test_client().get("/v1/parks", headers=bearer).status_code == 200
    assert system(cell, sichuan).post(f"/v1/sessions/{living['id']}/end").status_code == 200
    assert cell.app.test_client().get("/v1/parks", headers=bearer).json["code"] == "token_revoked"


def test_all_sessions_of_a_user_end_together(cell: Cell, sichuan: UUID) -> None:
    person, browser = make_user(cell, sichuan, "clerk"), cell.app.test_client()
    sign_in(browser, person)
    bearer = {"Authorization": f"Bearer {cell.token(sichuan, 'clerk', subject=str(person.id))}"}
    assert system(cell, sichuan).post(f"/v1/users/{person.id}/end-sessions").status_code == 200
    assert browser.get("/account").status_code == 303
    assert cell.app.test_client().get("/v1/parks", headers=bearer).json["code"] == "token_revoked"
    assert system(cell, sichuan).get(f"/v1/users/{person.id}").json["state"] == "active"


def test_a_reset_second_factor_has_to_be_set_up_anew(cell: Cell, sichuan: UUID) -> None:
    person, browser = make_user(cell, sichuan, "signatory"), cell.app.test_client()
    sign_in(browser, person)
    security = cell.client(sichuan, "security_administrator")
    url = f"/v1/users/{person.id}"
    stale = security.post(f"{url}/reset-factor", headers={"If-Match": '"1.99"'})
    assert (stale.status_code, stale.json["code"]) == (412, "version_changed")
    answer = security.post(f"{url}/reset-factor")
    assert (answer.status_code, answer.json["second_factor"]) == (200, False)
    assert browser.get("/account").headers["Location"].startswith("/signin?")
    person.otp_secret = None
    sign_in(browser, person)
    assert browser.get("/account").headers["Location"].startswith("/signin/factor/set-up")
    assert active_user(cell, sichuan)["second_factor"] is False
