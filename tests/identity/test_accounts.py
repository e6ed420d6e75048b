"""Accounts: invited by a one-time link, stopped, let in again, exported and erased."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import Mock
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from services.identity.commands import accounts, personal, sessions
from services.identity.commands.accounts import INVITATION_LIFE
from services.identity.domain.keys import FAMILY_LIFE
from services.identity.models import Failure, Family, Grant, Membership, RevocationList, User, WebSession
from services.identity.queries.members import find_account, member
from services.tenants.commands import revise_tenant
from shared.core.context import PLATFORM, Context
from shared.core.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from tests.builders.cell import Cell
from tests.builders.identity import PASSWORD, csrf_of, link_member, make_user, send, sign_in


def invited(cell: Cell, tenant: UUID, *roles: str, **draft):
    wanted = {"login": "zhang.wei", "name": "张伟", "email": "zhang.wei@example.cn", **draft}
    with cell.session(tenant) as session:
        return accounts.invite(session, roles=roles, **wanted)


def family_of(cell: Cell, tenant: UUID, person, *, session_id=None) -> UUID:
    """A family of refresh tokens, as the protocol begins one."""
    now, key = cell.clock.now(), person.id
    with cell.session(tenant) as session:
        session.add(Family(id=key, client_id="platform.cli", user_id=person.id, account_id=person.tenant,
                           session_id=session_id, scope="", methods=["pwd"], authenticated_at=now, factor_at=None,
                           created_at=now, expires_at=now + FAMILY_LIFE, ended_at=None, ended_by=None))  # fmt: skip
    return key


def revoked(cell: Cell, tenant: UUID) -> set[str]:
    with cell.session(tenant) as session:
        return set(session.scalar(select(RevocationList.revoked)) or {})


def test_the_link_sets_a_password_once_and_signs_in(cell: Cell, sichuan: UUID) -> None:
    made = invited(cell, sichuan, "official")
    client = cell.app.test_client()
    url = f"/invitation/{made.token}"
    assert "zhang.wei@sichuan" in client.get(url).text
    answer = send(client, url, {"password": PASSWORD, "again": PASSWORD})
    assert answer.headers["Location"] == "/account"
    assert client.get("/account").status_code == 200
    assert cell.app.test_client().get(url).status_code == 403


def test_a_link_redeemed_by_many_at_once_counts_once(cell: Cell, sichuan: UUID) -> None:
    made = invited(cell, sichuan, "official")

    def redeem(number: int) -> bool:
        try:
            with cell.session(sichuan) as session:
                accounts.activate(session, made.token, password_hash=str(number))
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(redeem, range(24))) == 1


def test_a_link_ends_after_three_days_and_a_new_one_voids_the_one_before(cell: Cell, sichuan: UUID) -> None:
    made = invited(cell, sichuan, "official")
    cell.clock.advance(INVITATION_LIFE + timedelta(seconds=1))
    client = cell.app.test_client()
    assert client.get(f"/invitation/{made.token}").status_code == 403
    with cell.session(sichuan) as session:
        again = accounts.invite_again(session, made.user.id)
        newest = accounts.invite_again(session, made.user.id)
    assert client.get(f"/invitation/{again}").status_code == 403
    assert client.get(f"/invitation/{newest}").status_code == 200


@pytest.mark.parametrize("token", ["nothing", "0" * 32, "0" * 32 + ".", "0" * 32 + ".x", "x" * 500, "g" * 32 + ".x"])
def test_a_link_that_never_was_looks_like_one_that_was_used(cell: Cell, token: str) -> None:
    assert cell.app.test_client().get(f"/invitation/{token}").status_code == 403


def test_a_link_is_not_in_the_database_nor_in_the_log(
    cell: Cell, sichuan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = Mock()
    monkeypatch.setattr("shared.http.app.LOG", logged)
    made = invited(cell, sichuan)
    client, link = cell.app.test_client(), f"/invitation/{made.token}"
    answers = client.get(link), client.post(link), client.options(link), client.delete(link), client.get(f"{link}/")
    assert [answer.status_code for answer in answers] == [200, 403, 200, 405, 200]
    assert str(logged.mock_calls).count("path='/invitation/") == len(answers)
    assert made.token not in str(logged.mock_calls)
    with cell.session(sichuan) as session:
        rows = session.execute(text("SELECT to_jsonb(u)::text FROM identity.users u")).scalars().all()
    assert rows
    assert not [row for row in rows if made.token in row or "张伟" in row]


def test_a_link_for_an_active_account_sets_a_new_password_and_ends_its_sessions(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    client = cell.app.test_client()
    sign_in(client, person)
    with cell.session(sichuan) as session:
        token = accounts.invite_again(session, person.id)
    person.password = "another horse 电池 staple"
    send(cell.app.test_client(), f"/invitation/{token}", {"password": person.password, "again": person.password})
    assert client.get("/account").status_code == 303
    assert f"sub:{person.id}" in revoked(cell, sichuan)
    sign_in(cell.app.test_client(), person)


def test_a_login_is_given_once_in_a_tenant_and_again_in_another(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    invited(cell, sichuan)
    invited(cell, chongqing)
    with pytest.raises(ConflictError, match="login_taken"):
        invited(cell, sichuan)


def test_nobody_is_invited_with_roles_that_do_not_go_together(cell: Cell, sichuan: UUID) -> None:
    with pytest.raises(ConflictError, match="duties_exclusive"):
        invited(cell, sichuan, "system_administrator", "audit_administrator")
    with pytest.raises(ConflictError, match="role_not_for_member"):
        invited(cell, sichuan, "organisation_manager")
    with pytest.raises(ConflictError, match="role_of_platform"):
        invited(cell, sichuan, "platform_operator")
    with pytest.raises(InvalidError, match="role_unknown"):
        invited(cell, sichuan, "emperor")
    with cell.session(sichuan) as session:
        assert session.scalars(select(User.id)).all() == []


def test_a_full_quota_stops_inviting(cell: Cell, sichuan: UUID) -> None:
    with cell.session(PLATFORM) as session:
        revise_tenant(session, sichuan, quotas={"users": 1})
    cell.carry()
    with cell.session(sichuan) as session:
        session.directory.refresh(session)
    invited(cell, sichuan)
    with pytest.raises(ConflictError, match="quota_reached"):
        invited(cell, sichuan, login="li.na")
    manager = Context(tenant_id=sichuan, actor_id="boss", scope="organisation", organisation_id=uuid4())
    with pytest.raises(ConflictError, match="quota_reached"), cell.database.session(manager) as session:
        accounts.check_quota(session)


def test_two_at_once_do_not_exceed_a_quota_nor_does_reactivating(cell: Cell, sichuan: UUID) -> None:
    with cell.session(PLATFORM) as session:
        revise_tenant(session, sichuan, quotas={"users": 1})
    cell.carry()
    with cell.session(sichuan) as session:
        # Each process looks every few seconds.
        session.directory.refresh(session)
    first = invited(cell, sichuan).membership.user_id
    with cell.session(sichuan) as one:
        accounts.deactivate(one, first)
        accounts.check_quota(one)
        with pytest.raises(OperationalError, match="lock timeout"), cell.session(sichuan) as other:
            other.execute(text("SET LOCAL lock_timeout = '200ms'"))
            accounts.check_quota(other)
    invited(cell, sichuan, login="li.na")
    with pytest.raises(ConflictError, match="quota_reached"), cell.session(sichuan) as session:
        accounts.reactivate(session, first)


def test_an_account_of_another_tenant_accepts_after_signing_in(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    account = find_account(cell.database, person.login)
    with cell.session(chongqing) as session:
        made = accounts.invite(session, roles=["clerk"], account=(account.tenant_id, account.user_id))
    url, client = f"/invitation/{made.token}", cell.app.test_client()
    assert "/signin?next=%2Finvitation" in client.get(url).text
    sign_in(client, person)
    assert send(client, url, {}).headers["Location"] == "/signin/tenant"
    with cell.session(chongqing) as session:
        held = member(session, person.id)
    assert held.roles == ("clerk",)
    assert held.account_id == sichuan
    with cell.session(sichuan) as session:
        assert accounts.tenants_of(session, person.id) == [sichuan, chongqing]


def test_nobody_else_accepts_an_invitation_to_a_membership(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    meant, other = make_user(cell, sichuan, "official"), make_user(cell, sichuan, "official")
    with cell.session(chongqing) as session:
        made = accounts.invite(session, roles=["clerk"], account=(sichuan, meant.id))
    client = cell.app.test_client()
    sign_in(client, other)
    token = csrf_of(client.get("/account").text)
    assert client.post(f"/invitation/{made.token}", data={"csrf": token}).status_code == 403
    with cell.session(chongqing) as session:
        assert member(session, meant.id) is None
        assert member(session, other.id) is None


@pytest.mark.parametrize("typed", ["nobody@{code}", "zhang.wei@nowhere", "zhang.wei", "@", "a@b@c"])
def test_no_account_is_found_by_a_login_that_names_none(cell: Cell, sichuan: UUID, typed: str) -> None:
    code = make_user(cell, sichuan).login.partition("@")[2]
    assert find_account(cell.database, typed.format(code=code)) is None


@pytest.mark.parametrize("action", [accounts.lock, accounts.deactivate])
def test_stopping_an_account_ends_its_sessions_and_tokens(cell: Cell, sichuan: UUID, action) -> None:
    person = make_user(cell, sichuan, "official")
    sign_in(cell.app.test_client(), person)
    family_of(cell, sichuan, person)
    with cell.session(sichuan) as session:
        action(session, person.id)
    with cell.session(sichuan) as session:
        assert session.scalars(select(WebSession.id).where(WebSession.ended_at.is_(None))).all() == []
        assert session.scalars(select(Family.ended_at)).one() is not None
    assert f"sub:{person.id}" in revoked(cell, sichuan)


def test_an_account_comes_back_with_its_password(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    for stop, resume in ((accounts.lock, accounts.unlock), (accounts.deactivate, accounts.reactivate)):
        with cell.session(sichuan) as session:
            stop(session, person.id)
        with cell.session(sichuan) as session:
            resume(session, person.id)
    assert sign_in(cell.app.test_client(), person).status_code == 303


def test_an_account_cannot_be_unlocked_that_is_not_locked(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    with cell.session(sichuan) as session, pytest.raises(ConflictError, match="action_not_allowed"):
        accounts.unlock(session, person.id)


def test_another_tenants_account_is_not_found(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    with cell.session(chongqing) as session, pytest.raises(NotFoundError):
        accounts.lock(session, person.id)


def test_a_membership_that_ends_takes_roles_and_tokens_with_it(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    link_member(cell, person, chongqing, roles=["clerk"])
    with cell.session(chongqing) as session:
        accounts.end_membership(session, person.id)
    with cell.session(chongqing) as session:
        assert member(session, person.id) is None
        assert session.scalars(select(Grant.role)).all() == []
    assert f"sub:{person.id}" in revoked(cell, chongqing)
    link_member(cell, person, chongqing, roles=["observer"])
    with cell.session(chongqing) as session:
        assert member(session, person.id).roles == ("observer",)


def test_ending_a_session_ends_its_families_where_it_acted(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    link_member(cell, person, chongqing, roles=["clerk"])
    client = cell.app.test_client()
    sign_in(client, person, tenant=chongqing)
    with cell.session(sichuan) as session:
        key = session.scalars(select(WebSession.id).where(WebSession.ended_at.is_(None))).one()
    family_of(cell, chongqing, person, session_id=key)
    send(client, "/signout", {})
    with cell.session(chongqing) as session:
        assert session.scalars(select(Family.ended_by)).one() == "session"
    assert f"sid:{key}" in revoked(cell, chongqing)
    assert revoked(cell, sichuan) == set()


def test_everything_held_on_a_person_is_exported_as_json(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    client = cell.app.test_client()
    sign_in(client, person)
    token = csrf_of(client.get("/account").text)
    answer = client.post("/account/export", data={"csrf": token})
    held = json.loads(answer.text)
    assert held["name"] == "王芳"
    assert held["roles"][0]["role"] == "official"
    assert len(held["sessions"]) == len(held["devices"]) == 1
    assert "argon2" not in answer.text


def test_an_erased_person_is_in_no_table_of_the_service(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official", login="ouyang.xiu", name="欧阳修", email="ouyang.xiu@example.cn")
    client = cell.app.test_client()
    sign_in(client, person)
    fields = {"login": person.login, "password": "wrong"}
    send(cell.app.test_client(), "/signin", fields)
    with cell.session(sichuan) as session:
        accounts.deactivate(session, person.id)
        personal.erase(session, person.id)
    with cell.session(sichuan) as session:
        user = session.get_one(User, (sichuan, person.id))
        assert (user.login, user.state, user.sealed) == (f"erased-{str(person.id)[:8]}", "erased", None)
        assert session.scalars(select(Membership.state)).one() == "ended"
        for table in ("users", "memberships", "sessions", "devices", "grants", "failures", "consents"):
            rows = session.execute(text(f"SELECT to_jsonb(t)::text FROM identity.{table} t")).scalars().all()
            assert not [row for row in rows if "ouyang" in row or "欧阳" in row]
            assert not rows or table in ("users", "memberships", "failures")
        # What is left counts an address.
        assert [key for key in session.scalars(select(Failure.key)) if not key.startswith("address/")] == []
        audited = session.execute(text("SELECT record::text FROM shared.audit_inbox")).scalars().all()
    assert not [row for row in audited if "ouyang" in row or "欧阳" in row]


def test_only_a_deactivated_account_is_erased(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    with cell.session(sichuan) as session, pytest.raises(ConflictError, match="action_not_allowed"):
        personal.erase(session, person.id)


def test_a_person_sees_and_ends_own_sessions_alone(cell: Cell, sichuan: UUID) -> None:
    mine, other = make_user(cell, sichuan, "official"), make_user(cell, sichuan, "official")
    clients = [cell.app.test_client() for _ in range(3)]
    for client, person in zip(clients, (mine, mine, other), strict=True):
        sign_in(client, person)
    page = clients[0].get("/account").text
    assert page.count('/end"') == 2
    with cell.session(sichuan) as session:
        foreign = session.scalars(select(WebSession.id).where(WebSession.user_id == other.id)).one()
    token = csrf_of(page)
    assert clients[0].post(f"/account/sessions/{foreign}/end", data={"csrf": token}).status_code == 404
    assert clients[0].post("/account/sessions/end-others", data={"csrf": token}).status_code == 303
    assert [client.get("/account").status_code for client in clients] == [200, 303, 200]


def test_a_switched_session_voids_the_tokens_of_the_tenant_before(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    link_member(cell, person, chongqing, roles=["clerk"])
    client = cell.app.test_client()
    sign_in(client, person, tenant=chongqing)
    with cell.session(sichuan) as session:
        key = session.scalars(select(WebSession.id).where(WebSession.ended_at.is_(None))).one()
    send(client, "/signin/tenant", {"tenant": str(sichuan)})
    assert revoked(cell, chongqing) == {f"sid:{key}"}


def test_a_session_of_nobody_is_not_ended(cell: Cell, sichuan: UUID) -> None:
    person = make_user(cell, sichuan, "official")
    with cell.session(sichuan) as session:
        assert sessions.end_session(session, person.id, session_id=person.id) is None


def test_an_application_is_listed_and_ended_by_its_owner_alone(cell: Cell, sichuan: UUID) -> None:
    person, other = make_user(cell, sichuan, "official"), make_user(cell, sichuan, "official")
    family_of(cell, sichuan, person)
    owner, stranger = cell.app.test_client(), cell.app.test_client()
    for client, somebody in ((owner, person), (stranger, other)):
        sign_in(client, somebody)
    page = owner.get("/account").text
    assert "platform.cli" in page
    url = f"/account/applications/{person.id}/end"
    assert stranger.post(url, data={"csrf": csrf_of(stranger.get("/account").text)}).status_code == 404
    assert owner.post(url, data={"csrf": csrf_of(page)}).status_code == 303
    assert "platform.cli" not in owner.get("/account").text
    assert f"sid:{person.id}" in revoked(cell, sichuan)
