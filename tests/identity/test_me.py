"""Who is behind a token, as it is told them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from services import registry
from services.identity.domain.roles import BUILT_IN, scopes_of
from services.identity.models import OwnRole
from services.identity.queries.scope_words import described
from shared.rules.scopes import SCOPES
from tests.builders.administration import registered_client
from tests.builders.cell import Cell, Client
from tests.builders.identity import make_user


def me(cell: Cell, tenant: UUID, role: str, **token: Any) -> dict[str, Any]:
    answer = Client(cell.app.test_client(), lambda: cell.token(tenant, role, **token)).get("/v1/me")
    assert answer.status_code == 200, answer.json
    told: dict[str, Any] = answer.json
    return told


@pytest.mark.parametrize("role", ["audit_administrator", "observer"])
def test_a_person_is_told_their_name_roles_and_what_these_allow(cell: Cell, sichuan: UUID, role: str) -> None:
    made = make_user(cell, sichuan, role)
    told = me(cell, sichuan, role, subject=str(made.id))
    assert (told["id"], told["tenant"], told["tenants"]) == (str(made.id), str(sichuan), [str(sichuan)])
    assert (told["name"], told["login"]) == ("王芳", made.login.partition("@")[0])
    assert told["second_factor"] == BUILT_IN[role].second_factor
    assert [(one["name"], one["name_zh"]) for one in told["roles"]] == [(role, BUILT_IN[role].zh)]
    assert [one["scope"] for one in told["scopes"]] == sorted(scopes_of(BUILT_IN[role], of_platform=False))


def test_an_organisations_user_is_told_which(cell: Cell, sichuan: UUID) -> None:
    key, role = uuid4(), "organisation_member"
    made = make_user(cell, sichuan, role, organisation_id=key)
    told = me(cell, sichuan, role, subject=str(made.id), organisation_id=key)
    assert (told["id"], told["name"], told["organisation"]) == (str(made.id), "王芳", str(key))


def test_a_client_is_told_its_label(cell: Cell, sichuan: UUID) -> None:
    made = registered_client(cell, sichuan)
    told = me(cell, sichuan, "observer", subject=made["client_id"])
    assert (told["id"], told["client"], told["name"], told["roles"]) == (None, made["client_id"], made["label"], [])


def test_every_role_also_a_tenants_own_may_ask_and_every_scope_has_words() -> None:
    registry.load()
    own = OwnRole(name="r", zh="角色", en="Role", scopes=["parks:read"], duty="daily", second_factor=False)
    assert all("me:read" in scopes_of(role, of_platform=False) for role in (*BUILT_IN.values(), own.role))
    assert [scope for scope in SCOPES if described(scope).zh == scope] == []
