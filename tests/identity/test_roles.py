"""Roles: what they hold, who grants them, and who never gets two."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from psycopg.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.identity.commands import accounts, roles
from services.identity.domain.roles import BUILT_IN
from shared.core.errors import ConflictError
from tests.builders.administration import (
    AUDIT,
    SECURITY,
    SYSTEM,
    active_user,
    invited_user,
    records,
    security,
    system,
    with_factor,
)
from tests.builders.cell import Cell
from tests.builders.identity import link_member, make_user
from tests.isolation.catalogue import bind

GRANT = "INSERT INTO identity.grants VALUES (%s, %s, %s, %s, 'x', now())"
DRAFT = {
    "name": "statistician",
    "name_zh": "统计员",
    "name_en": "Statistician",
    "scopes": ["parks:read", "tenants:read"],
}


def test_all_roles_are_listed_with_their_scopes_and_duty(cell: Cell, sichuan: UUID) -> None:
    assert security(cell, sichuan).post("/v1/roles", DRAFT).status_code == 201
    items = security(cell, sichuan).get("/v1/roles?limit=100").json["items"]
    shown = {item["name"]: item for item in items}
    assert set(shown) == {name for name, role in BUILT_IN.items() if not role.platform} | {"statistician"}
    assert shown["statistician"]["scopes"] == ["exports:make", "me:read", *DRAFT["scopes"], "work:read"]
    assert shown[SECURITY]["duty"] == "security"
    assert not {"users:read", "sessions:read", "members:read"} & set(shown["official"]["scopes"])


@pytest.mark.parametrize(
    ("scopes", "code"),
    [
        (["no:such"], "scope_unknown"),
        (["tenants:manage"], "scope_unknown"),
        (["users:manage", "audit:read"], "duties_mixed"),
    ],
)
def test_a_role_beyond_the_ceiling_or_of_two_duties_is_refused(
    cell: Cell, sichuan: UUID, scopes: list[str], code: str
) -> None:
    answer = security(cell, sichuan).post("/v1/roles", {**DRAFT, "scopes": scopes})
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_an_own_role_changes_with_its_version_and_ends_its_holders_tokens(cell: Cell, sichuan: UUID) -> None:
    client, made = security(cell, sichuan), active_user(cell, sichuan)
    client.post("/v1/roles", DRAFT)
    granted = client.post(f"/v1/users/{made['id']}/roles", {"role": "statistician"})
    assert granted.json["roles"] == ["clerk", "statistician"]
    old = {"Authorization": f"Bearer {cell.token(sichuan, 'clerk', subject=made['id'])}"}
    url = "/v1/roles/statistician"
    assert client.patch(url, {"scopes": ["parks:read"]}, headers={"If-Match": '"1.4"'}).status_code == 412
    changed = client.patch(url, {"scopes": ["parks:read"]}, headers={"If-Match": '"1.1"'})
    assert (changed.status_code, changed.json["scopes"], changed.json["etag"]) == (
        200, ["exports:make", "me:read", "parks:read", "work:read"], "1.2"
    )  # fmt: skip
    assert cell.app.test_client().get("/v1/parks", headers=old).json["code"] == "token_revoked"
    assert client.patch(url, {"scopes": ["audit:read"]}).json["code"] == "role_in_use"
    assert client.post(f"{url}/remove").json["code"] == "role_in_use"
    assert client.post(f"/v1/users/{made['id']}/roles/statistician/withdraw").json["roles"] == ["clerk"]
    assert client.post(f"{url}/remove").status_code == 200
    assert client.get(url).status_code == 404
    assert client.patch("/v1/roles/clerk", {"name_zh": "x"}).json["code"] == "role_built_in"


def test_two_exclusive_roles_on_one_user_are_refused_with_the_reason(cell: Cell, sichuan: UUID) -> None:
    made, client = with_factor(cell, sichuan, active_user(cell, sichuan, roles=[])), security(cell, sichuan)
    url = f"/v1/users/{made['id']}/roles"
    assert client.post(url, {"role": SYSTEM}).json["roles"] == [SYSTEM]
    for role in (SECURITY, AUDIT):
        answer = client.post(url, {"role": role})
        assert (answer.status_code, answer.json["code"]) == (409, "duties_exclusive")
        assert SYSTEM in answer.json["message"]["en"]
    assert client.post(url, {"role": "official"}).json["roles"] == ["official", SYSTEM]
    assert client.post(url, {"role": "official"}).json["code"] == "role_held"
    assert client.post(url, {"role": "platform_operator"}).json["code"] == "role_of_platform"
    assert client.post(url, {"role": "organisation_member"}).json["code"] == "role_not_for_member"
    assert client.post(url, {"role": "emperor"}).status_code == 404
    log = records(cell, sichuan, subject=made["id"], act="identity.role.granted")
    assert [(item["outcome"], item["reason"]) for item in log][-3:] == [
        ("refused", "duties_exclusive"), ("refused", "duties_exclusive"), ("done", None)
    ]  # fmt: skip
    assert (log[-1]["before"], log[-1]["after"]) == ({"roles": []}, {"roles": [SYSTEM]})


@pytest.mark.parametrize("role", ["app", "worker"])
@pytest.mark.parametrize("duties", [("system", "security"), ("security", "audit"), ("audit", "system")])
def test_the_database_refuses_two_exclusive_roles_too(
    cell: Cell, sichuan: UUID, role: str, duties: tuple[str, str]
) -> None:
    made = invited_user(cell, sichuan, roles=[])
    url = cell.settings.url(role).replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url) as connection:
        bind(connection, sichuan)
        connection.execute(GRANT, [sichuan, made["id"], f"{duties[0]}_administrator", duties[0]])
        with pytest.raises(UniqueViolation, match="uq_grants_duty"):
            connection.execute(GRANT, [sichuan, made["id"], f"{duties[1]}_administrator", duties[1]])


def test_a_built_in_administrator_cannot_be_written_as_daily_work(cell: Cell, sichuan: UUID) -> None:
    made = invited_user(cell, sichuan, roles=[])
    url = cell.settings.url("app").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url) as connection:
        bind(connection, sichuan)
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(GRANT, [sichuan, made["id"], AUDIT, "daily"])


def test_nobody_grants_to_himself(cell: Cell, sichuan: UUID) -> None:
    made = active_user(cell, sichuan)
    answer = cell.client(sichuan, SECURITY, subject=made["id"]).post(
        f"/v1/users/{made['id']}/roles", {"role": "official"}
    )
    assert (answer.status_code, answer.json["code"]) == (403, "not_to_oneself")


def test_a_system_administrator_cannot_grant(cell: Cell, sichuan: UUID) -> None:
    made = active_user(cell, sichuan)
    answer = system(cell, sichuan).post(f"/v1/users/{made['id']}/roles", {"role": "official"})
    assert (answer.status_code, answer.json["code"]) == (403, "scope_missing")


def test_grants_in_bulk_stand_or_fall_one_by_one(cell: Cell, sichuan: UUID) -> None:
    made = [with_factor(cell, sichuan, active_user(cell, sichuan, roles=[]))["id"] for _ in range(2)]
    items = [{"key": made[0], "role": SYSTEM}, {"key": made[0], "role": AUDIT}, {"key": made[1], "role": AUDIT}]
    answer = security(cell, sichuan).post("/v1/users/bulk/grant", {"items": items})
    assert [item["status"] for item in answer.json["results"]] == [200, 409, 200]
    assert [item["outcome"] for item in records(cell, sichuan, act="identity.role.granted")] == [
        "done",
        "refused",
        "done",
    ]
    withdrawn = [{"key": made[0], "name": SYSTEM}, {"key": made[0], "name": SYSTEM}]
    answer = security(cell, sichuan).post("/v1/users/bulk/withdraw", {"items": withdrawn})
    assert [item["status"] for item in answer.json["results"]] == [200, 404]


@pytest.mark.parametrize("role", [SYSTEM, "watcher"])
def test_an_administrators_role_goes_only_to_whom_a_second_factor_proves(cell: Cell, sichuan: UUID, role: str) -> None:
    client = security(cell, sichuan)
    assert client.post("/v1/roles", {**DRAFT, "name": "watcher", "scopes": ["audit:read"]}).status_code == 201
    invited, active = invited_user(cell, sichuan), active_user(cell, sichuan)
    for made in (invited, active, with_factor(cell, sichuan, invited)):
        answer = client.post(f"/v1/users/{made['id']}/roles", {"role": role})
        assert (answer.status_code, answer.json["code"]) == (409, "holder_unproven")
    with_factor(cell, sichuan, active)
    assert client.post(f"/v1/users/{active['id']}/roles", {"role": role}).json["roles"] == sorted(["clerk", role])


def test_an_account_of_another_tenant_gets_no_administrators_role(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    person = make_user(cell, sichuan, otp=True)
    link_member(cell, person, chongqing, roles=["observer"])
    answer = security(cell, chongqing).post(f"/v1/users/{person.id}/roles", {"role": AUDIT})
    assert (answer.status_code, answer.json["code"]) == (409, "holder_unproven")


def test_an_own_role_of_an_administrators_duty_always_asks_for_the_second_factor(cell: Cell, sichuan: UUID) -> None:
    client = security(cell, sichuan)
    made = client.post("/v1/roles", {**DRAFT, "scopes": ["audit:read"], "second_factor": False})
    assert made.json["second_factor"] is True
    url = "/v1/roles/statistician"
    assert client.patch(url, {"second_factor": False}).json["second_factor"] is True
    assert client.patch(url, {"scopes": ["parks:read"], "second_factor": False}).json["second_factor"] is False
    assert client.patch(url, {"scopes": ["audit:read"]}).json["second_factor"] is True


@pytest.mark.parametrize("by", ["grant", "invitation"])
def test_no_duty_slips_into_a_role_while_it_is_being_granted(cell: Cell, sichuan: UUID, by: str) -> None:
    security(cell, sichuan).post("/v1/roles", DRAFT)
    made = UUID(active_user(cell, sichuan)["id"])
    with cell.session(sichuan) as granting:
        if by == "grant":
            roles.grant_role(granting, made, role="statistician")
        else:
            accounts.invite(granting, login="li.na", name="x", email="x@example.cn", roles=["statistician"])
        with pytest.raises(OperationalError, match="lock timeout"), cell.session(sichuan) as revising:
            revising.execute(text("SET LOCAL lock_timeout = '200ms'"))
            roles.revise_role(revising, "statistician", scopes=["audit:read"])
    with pytest.raises(ConflictError, match="role_in_use"), cell.session(sichuan) as session:
        roles.revise_role(session, "statistician", scopes=["audit:read"])
