"""From a new tenant to people who run it, by the API alone: the platform invites the first, and nobody after them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.identity.commands import accounts
from shared.core.context import PLATFORM
from shared.core.errors import RefusedError
from tests.builders.administration import AUDIT, SECURITY, SYSTEM, auditor, system
from tests.builders.cell import Cell
from tests.builders.two_cells import TwoCells


def ask(cell: Cell, tenant: UUID, *, role: str = SYSTEM, login: str = "wang.min") -> Any:
    draft = {"role": role, "login": login, "name": "王敏", "email": f"{login}@example.cn"}
    return system(cell, PLATFORM).post(f"/v1/tenants/{tenant}/administrators", draft)


def token_of(answer: Any) -> str:
    return str(answer.json["invitation_url"].rpartition("/")[2])


def accept(cell: Cell, tenant: UUID, token: str) -> UUID:
    with cell.session(tenant) as session:
        return accounts.activate(session, token, password_hash="unused").id


@pytest.mark.parametrize("role", [SYSTEM, SECURITY, AUDIT])
def test_the_platform_invites_the_first_of_each_duty_and_no_second(cell: Cell, role: str) -> None:
    tenant = cell.tenant("guangan")
    answer = ask(cell, tenant, role=role)
    assert (answer.status_code, answer.json["role"]) == (201, role), answer.json
    assert answer.json["login"].startswith("wang.min@guangan")
    key = accept(cell, tenant, token_of(answer))
    shown = cell.client(tenant, SYSTEM).get(f"/v1/users/{key}").json
    assert (shown["roles"], shown["state"], shown["membership"]) == ([role], "active", "active")
    again = ask(cell, tenant, role=role, login="li.na")
    assert (again.status_code, again.json["code"]) == (409, "administrator_there")


def test_a_lost_link_is_replaced_and_a_mistaken_invitation_ends(cell: Cell) -> None:
    tenant = cell.tenant("guangan")
    lost, mistaken = ask(cell, tenant), ask(cell, tenant)
    right = ask(cell, tenant, login="li.na")
    for void in (lost, mistaken):
        with pytest.raises(RefusedError, match="link_void"):
            accept(cell, tenant, token_of(void))
    accept(cell, tenant, token_of(right))
    users = cell.client(tenant, SYSTEM).get("/v1/users").json["items"]
    assert {user["state"]: user["roles"] for user in users} == {"erased": [], "active": [SYSTEM]}


def test_a_login_that_was_given_up_can_be_given_again_and_a_name_be_corrected(cell: Cell) -> None:
    tenant = cell.tenant("guangan")
    for login in ("wang.min", "li.na", "wang.min"):
        last = ask(cell, tenant, login=login)
        assert last.status_code == 201, last.json
    corrected = {"role": SYSTEM, "login": "wang.min", "name": "王敏敏", "email": "wmm@example.cn"}
    last = system(cell, PLATFORM).post(f"/v1/tenants/{tenant}/administrators", corrected)
    key = accept(cell, tenant, token_of(last))
    assert cell.client(tenant, SYSTEM).get(f"/v1/users/{key}").json["name"] == "王敏敏"


def test_the_platform_takes_no_seat_that_the_tenant_fills_itself(cell: Cell) -> None:
    tenant = cell.tenant("guangan")
    for role, login in ((SYSTEM, "wang.min"), (SECURITY, "li.na")):
        accept(cell, tenant, token_of(ask(cell, tenant, role=role, login=login)))
    late = ask(cell, tenant, role=AUDIT, login="zhao.lei")
    assert (late.status_code, late.json["code"]) == (409, "administrator_there")


def test_the_platform_puts_nobody_in_the_place_of_whom_the_tenant_chose(cell: Cell) -> None:
    tenant = cell.tenant("guangan")
    with cell.session(tenant) as session:
        accounts.invite(session, login="own", name="自选", email="own@example.cn", roles=(AUDIT,))
    answer = ask(cell, tenant, role=AUDIT)
    assert (answer.status_code, answer.json["code"]) == (409, "administrator_there")


def test_both_audit_logs_tell_of_it_and_neither_keeps_the_link(cell: Cell) -> None:
    tenant = cell.tenant("guangan")
    token = token_of(ask(cell, tenant))
    for owner, act in ((PLATFORM, "identity.administrator.invited"), (tenant, "identity.user.invited")):
        cell.sweep(owner)
        found = auditor(cell, owner).get(f"/v1/audit?act={act}").json["items"]
        assert found, act
        assert token not in str(found)
        assert "wang.min" not in str(found)


def test_nobody_but_the_platform_invites_into_a_tenant(cell: Cell, sichuan: UUID) -> None:
    tenant = cell.tenant("guangan")
    draft = {"role": SYSTEM, "login": "wang.min", "name": "王敏", "email": "wang@example.cn"}
    assert system(cell, sichuan).post(f"/v1/tenants/{tenant}/administrators", draft).status_code == 403
    assert system(cell, tenant).post(f"/v1/tenants/{tenant}/administrators", draft).status_code == 403
    for unknown in (PLATFORM, uuid4()):
        assert ask(cell, unknown).status_code == 404
    assert ask(cell, tenant, role="official").status_code == 422


def test_where_a_tenant_of_another_cell_gets_its_first_administrators_is_said(cells: TwoCells) -> None:
    answer = ask(cells.one, cells.tenant("hubei", there=True))
    assert (answer.status_code, answer.json["code"]) == (409, "cell_elsewhere")
    assert cells.two.settings.cell in answer.json["message"]["zh"]
