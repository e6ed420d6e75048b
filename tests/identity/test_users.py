"""Users as their administrators look after them."""

from __future__ import annotations

import json
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.identity.commands import accounts
from shared.database.answers import IdempotencyRow
from shared.http.requests.idempotency import KeyedRequest, once
from tests.builders.administration import (
    SECURITY,
    active_user,
    invited_user,
    records,
    security,
    system,
    user_draft,
)
from tests.builders.cell import Cell
from tests.builders.identity import make_user


def test_an_invitation_link_is_told_once_and_never_again(cell: Cell, sichuan: UUID) -> None:
    draft, key = user_draft(), {"Idempotency-Key": uuid4().hex}
    first, again = (system(cell, sichuan).post("/v1/users", draft, headers=key) for _ in range(2))
    assert first.status_code == 201, first.json
    assert first.json["invitation_url"].startswith(f"{cell.settings.issuer}/invitation/{sichuan.hex}.")
    assert (again.status_code, again.json["id"]) == (201, first.json["id"])
    assert [again.json[name] for name in ("invitation_url", "login", "name", "email")] == [None] * 4


def test_a_user_is_shown_with_what_may_be_done(cell: Cell, sichuan: UUID) -> None:
    made = invited_user(cell, sichuan)
    shown = system(cell, sichuan).get(f"/v1/users/{made['id']}")
    assert shown.json["name"] == "李伟"
    assert (shown.json["state"], shown.json["membership"], shown.json["roles"]) == ("invited", "invited", ["clerk"])
    assert shown.json["allowed_actions"] == [
        "deactivate", "end_membership", "end_sessions", "export", "invite_again", "revise"
    ]  # fmt: skip
    assert security(cell, sichuan).get(f"/v1/users/{made['id']}").json["allowed_actions"] == [
        "grant_role", "withdraw_role"
    ]  # fmt: skip
    assert shown.headers["ETag"] == f'"{shown.json["etag"]}"'


def test_lists_are_filtered_and_paged(cell: Cell, sichuan: UUID) -> None:
    clerks = [invited_user(cell, sichuan)["id"] for _ in range(3)]
    organisation = str(uuid4())
    member = invited_user(cell, sichuan, roles=["organisation_member"], organisation=organisation)
    active = active_user(cell, sichuan, login="zhang.min", roles=["reviewer"])
    client, seen, url = system(cell, sichuan), [], "/v1/users?limit=2"
    while url:
        answer = client.get(url)
        seen += [item["id"] for item in answer.json["items"]]
        url = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == [active["id"], member["id"], *clerks[::-1]]

    def found(**filters: str) -> list[str]:
        return [item["id"] for item in client.get("/v1/users", query_string=filters).json["items"]]

    assert found(role="clerk") == clerks[::-1]
    assert found(state="active") == found(login="zhang") == found(role="reviewer", login="zhang.min") == [active["id"]]
    assert found(organisation=organisation) == [member["id"]]
    assert client.get("/v1/users", query_string={"login": "zhang%"}).status_code == 422


def test_a_change_of_a_user_needs_the_version_it_is_based_on(cell: Cell, sichuan: UUID) -> None:
    url = f"/v1/users/{invited_user(cell, sichuan)['id']}"
    client = system(cell, sichuan)
    changed = client.patch(url, {"name": "王芳"}, headers={"If-Match": '"1.1"'})
    assert (changed.status_code, changed.json["name"], changed.headers["ETag"]) == (200, "王芳", '"1.2"')
    stale = client.patch(url, {"name": "赵"}, headers={"If-Match": '"1.1"'})
    assert (stale.status_code, stale.json["code"]) == (412, "version_changed")
    assert client.patch(url, {"name": "赵"}, headers={"If-Match": ""}).status_code == 428
    assert client.get(url).json["name"] == "王芳"


def test_locking_ends_living_tokens_at_once(cell: Cell, sichuan: UUID) -> None:
    made = active_user(cell, sichuan)
    old = cell.token(sichuan, "clerk", subject=made["id"])
    bearer = {"Authorization": f"Bearer {old}"}
    assert cell.app.test_client().get("/v1/parks", headers=bearer).status_code == 200
    locked = system(cell, sichuan).post(f"/v1/users/{made['id']}/lock")
    assert (locked.status_code, locked.json["state"]) == (200, "locked")
    refused = cell.app.test_client().get("/v1/parks", headers=bearer)
    assert (refused.status_code, refused.json["code"]) == (401, "token_revoked")
    again = system(cell, sichuan).post(f"/v1/users/{made['id']}/lock")
    assert (again.status_code, again.json["code"]) == (409, "action_not_allowed")
    assert system(cell, sichuan).post(f"/v1/users/{made['id']}/unlock").json["state"] == "active"


def test_locking_ends_tokens_in_the_other_tenants_too(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    made = active_user(cell, sichuan)
    code = system(cell, sichuan).get(f"/v1/tenants/{sichuan}").json["code"]
    typed = {"account": f"{made['login']}@{code}", "roles": ["observer"]}
    invited = system(cell, chongqing).post("/v1/users", typed)
    assert (invited.status_code, invited.json["login"], invited.json["account"]) == (201, None, str(sichuan))
    token = invited.json["invitation_url"].rpartition("/")[2]
    with cell.session(chongqing) as session:
        accounts.accept_membership(session, token, account_id=sichuan, user_id=UUID(made["id"]))
    with cell.session(sichuan) as session:
        accounts.link(session, UUID(made["id"]), tenant=chongqing)
    old = {"Authorization": f"Bearer {cell.token(chongqing, 'observer', subject=made['id'])}"}
    assert cell.app.test_client().get("/v1/parks", headers=old).status_code == 200
    assert system(cell, sichuan).post(f"/v1/users/{made['id']}/lock").status_code == 200
    assert cell.app.test_client().get("/v1/parks", headers=old).json["code"] == "token_revoked"
    ended = system(cell, chongqing).post(f"/v1/users/{made['id']}/end-membership")
    assert (ended.status_code, ended.json["membership"], ended.json["roles"]) == (200, "ended", [])


@pytest.mark.parametrize("role", ["system_administrator", "security_administrator", "audit_administrator"])
def test_no_administrator_comes_out_of_an_invitation(cell: Cell, sichuan: UUID, role: str) -> None:
    answer = system(cell, sichuan).post("/v1/users", user_draft(roles=[role]))
    assert (answer.status_code, answer.json["code"]) == (403, "role_by_security")


def test_nobody_locks_or_erases_himself(cell: Cell, sichuan: UUID) -> None:
    made = active_user(cell, sichuan)
    self_made = cell.client(sichuan, "system_administrator", subject=made["id"])
    for action in ("lock", "deactivate", "erase", "end-membership"):
        answer = self_made.post(f"/v1/users/{made['id']}/{action}")
        assert (answer.status_code, answer.json["code"]) == (403, "not_to_oneself"), action


def test_export_tells_all_and_keeps_nothing_and_erasure_forgets(cell: Cell, sichuan: UUID) -> None:
    made, client = active_user(cell, sichuan, name="独孤求败"), system(cell, sichuan)
    url, key = f"/v1/users/{made['id']}", {"Idempotency-Key": uuid4().hex}
    first, again = (client.post(f"{url}/export", headers=key) for _ in range(2))
    assert first.json["person"]["name"] == "独孤求败"
    assert (again.json["id"], again.json["person"]) == (made["id"], None)
    assert client.post(f"{url}/erase").json["code"] == "action_not_allowed"
    assert client.post(f"{url}/deactivate").status_code == 200
    erased = client.post(f"{url}/erase")
    assert (erased.status_code, erased.json["state"], erased.json["name"]) == (200, "erased", None)
    assert client.get(url).json["login"] == f"erased-{made['id'][:8]}"
    kept = [item["act"] for item in records(cell, sichuan, subject=made["id"])]
    assert kept[:3] == ["identity.user.erased", "identity.user.deactivated", "identity.user.erased"]
    assert "独孤求败" not in str(records(cell, sichuan))


def test_an_erased_person_is_in_no_answer_that_is_kept_for_retries(cell: Cell, sichuan: UUID) -> None:
    draft, client = user_draft(login="ouyang.xiu", name="欧阳修", email="ouyang.xiu@example.cn"), system(cell, sichuan)
    made = active_user(cell, sichuan, **draft)
    taken = client.post("/v1/users/bulk/invite", {"items": [draft]})
    assert taken.json["results"][0]["problem"]["code"] == "login_taken"
    said = ("ouyang.xiu@sichuan", "欧阳修", "ouyang.xiu@example.cn", "somebody else")
    with cell.session(sichuan) as session:
        for text in said:
            tried = KeyedRequest("platform.cli", "POST /v1/x", text, "hash")
            answer = {"status": 200, "body": {"said": f"《{text}》"}, "headers": {}}
            once(session, tried, effect=partial(dict, answer))
    for action in ("deactivate", "erase"):
        assert client.post(f"/v1/users/{made['id']}/{action}").status_code == 200
    with cell.session(sichuan) as session:
        kept = str(session.scalars(select(IdempotencyRow.answer)).all())
    assert "somebody else" in kept
    assert "ouyang" not in kept
    assert "欧阳" not in kept


def test_the_second_factor_is_reset_by_security_alone(cell: Cell, sichuan: UUID) -> None:
    made = active_user(cell, sichuan)
    url = f"/v1/users/{made['id']}/reset-factor"
    assert system(cell, sichuan).post(url).json["code"] == "scope_missing"
    assert security(cell, sichuan).post(url).json["code"] == "no_factor"
    assert cell.client(sichuan, SECURITY, subject=made["id"]).post(url).json["code"] == "not_to_oneself"


def test_no_link_alone_opens_an_administrators_account(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "audit_administrator")
    url, client = f"/v1/users/{person.id}", system(cell, sichuan)
    earlier = client.post(f"{url}/invite-again")
    assert earlier.status_code == 200
    assert security(cell, sichuan).post(f"{url}/reset-factor").status_code == 200
    refused = client.post(f"{url}/invite-again")
    assert (refused.status_code, refused.json["code"]) == (409, "factor_missing")
    path = "/invitation/" + earlier.json["invitation_url"].rpartition("/")[2]
    assert cell.app.test_client().get(path).status_code == 403
    assert security(cell, sichuan).post(f"{url}/roles/audit_administrator/withdraw").status_code == 200
    assert client.post(f"{url}/invite-again").status_code == 200


def test_inviting_does_not_tell_who_has_an_account_elsewhere(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    login, client = make_user(cell, chongqing).login, system(cell, sichuan)
    for account in (login, f"nobody-{login}"):
        first, again = (client.post("/v1/users", {"account": account}) for _ in range(2))
        assert (first.status_code, first.json["account"], first.json["state"]) == (201, str(chongqing), "invited")
        assert (again.status_code, again.json["code"]) == (409, "action_not_allowed")
    results = client.post("/v1/users/bulk/invite", {"items": [{"account": login}]}).json["results"]
    assert results[0]["problem"]["code"] == "account_one_by_one"


def test_users_in_bulk_have_a_result_each(cell: Cell, sichuan: UUID) -> None:
    drafts = [user_draft(), user_draft(roles=["emperor"]), {"login": "x"}, 7, user_draft()]
    drafts.append({**user_draft(), "login": drafts[0]["login"]})
    key = {"Idempotency-Key": uuid4().hex}
    answer = system(cell, sichuan).post("/v1/users/bulk/invite", {"items": drafts}, headers=key)
    assert answer.status_code == 200, answer.json
    results = answer.json["results"]
    assert [item["status"] for item in results] == [201, 422, 422, 422, 201, 409]
    assert [item["index"] for item in results] == list(range(6))
    assert results[0]["body"]["invitation_url"]
    assert results[5]["problem"]["code"] == "login_taken"
    assert len(system(cell, sichuan).get("/v1/users").json["items"]) == 2
    outcomes = [item["outcome"] for item in records(cell, sichuan, act="identity.user.invited")]
    assert sorted(outcomes) == ["done"] * 2 + ["refused"] * 4
    again = system(cell, sichuan).post("/v1/users/bulk/invite", {"items": drafts}, headers=key).json["results"]
    assert again[0]["body"]["id"] == results[0]["body"]["id"]
    assert (again[0]["body"]["invitation_url"], again[0]["body"]["name"]) == (None, None)


def test_locking_in_bulk_leaves_nothing_of_a_refused_item(cell: Cell, sichuan: UUID) -> None:
    made = [active_user(cell, sichuan) for _ in range(3)]
    items = [{"key": made[0]["id"]}, {"key": str(uuid4())}, {"key": made[1]["id"], "if_match": '"1.9"'},
             {"key": made[2]["id"]}, {"key": made[0]["id"]}]  # fmt: skip
    results = system(cell, sichuan).post("/v1/users/bulk/lock", {"items": items}).json["results"]
    assert [item["status"] for item in results] == [200, 404, 412, 200, 409]
    states = {item["id"]: item["state"] for item in system(cell, sichuan).get("/v1/users").json["items"]}
    assert [states[item["id"]] for item in made] == ["locked", "active", "locked"]
    refused = [item["subject"] for item in records(cell, sichuan, act="identity.user.locked", outcome="refused")]
    assert sorted(refused) == sorted([made[0]["id"], made[1]["id"], items[1]["key"]])


@pytest.mark.parametrize("item", [{"key": {}}, {"key": 1}, None, [], "x", True])
def test_an_item_that_is_anything_else_gets_a_problem(cell: Cell, sichuan: UUID, item: object) -> None:
    client = system(cell, sichuan)
    headers = {"Authorization": f"Bearer {client.mint()}", "Idempotency-Key": uuid4().hex}
    content = json.dumps({"items": [item]})
    answer = client.flask.post("/v1/users/bulk/lock", data=content, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json["results"][0]["status"]) == (200, 422), answer.json


@pytest.mark.parametrize("body", [{"items": []}, {"items": [{}] * 201}, {}, {"items": [{}], "more": 1}, {"items": {}}])
def test_a_bulk_body_that_is_none_is_refused_as_a_whole(cell: Cell, sichuan: UUID, body: dict[str, object]) -> None:
    answer = system(cell, sichuan).post("/v1/users/bulk/lock", body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_an_organisations_manager_sees_and_invites_its_own_people_alone(cell: Cell, sichuan: UUID) -> None:
    here, there = uuid4(), uuid4()
    other = invited_user(cell, sichuan, roles=["organisation_member"], organisation=str(there))
    minted = lambda: cell.token(sichuan, "organisation_manager", subject="boss", organisation_id=here)  # noqa: E731
    boss = cell.client(sichuan)
    boss.mint = minted
    draft = user_draft(roles=["organisation_member"])
    made = boss.post("/v1/members", draft)
    assert (made.status_code, made.json["organisation"]) == (201, str(here)), made.json
    assert [item["id"] for item in boss.get("/v1/members").json["items"]] == [made.json["id"]]
    assert boss.post("/v1/members", user_draft(roles=["clerk"])).json["errors"][0]["pointer"] == "/roles/0"
    assert boss.post(f"/v1/members/{other['id']}/end").status_code == 404
    assert boss.get("/v1/users").status_code == 403
    assert boss.post(f"/v1/members/{made.json['id']}/end").json["membership"] == "ended"
    outside = cell.client(sichuan, "organisation_manager")
    assert outside.get("/v1/members").json["code"] == "organisation_only"


def test_who_is_no_member_any_more_is_let_in_by_no_link(cell: Cell, sichuan: UUID) -> None:
    made = invited_user(cell, sichuan)
    link, browser = made["invitation_url"].partition("/invitation/")[2], cell.app.test_client()
    assert browser.get(f"/invitation/{link}").status_code == 200
    system(cell, sichuan).post(f"/v1/users/{made['id']}/end-membership")
    assert browser.get(f"/invitation/{link}").status_code >= 400
