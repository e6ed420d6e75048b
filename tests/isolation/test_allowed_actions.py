"""`allowed_actions` of every view: exactly the possible actions whose route this actor's rights open."""

from __future__ import annotations

import re
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from services.organisations.models import Import
from services.registry import load
from shared.core.context import PLATFORM
from shared.http.exports.jobs import ExportRow
from shared.http.fields.path_types import PATH_PARAMETER
from shared.http.resources import Route
from shared.rules.scopes import SCOPES
from tests.builders.cell import Cell
from tests.builders.officials import agreement_draft
from tests.isolation.standards import standards_bodies
from tests.isolation.things import Things, bodies, one_of_everything

EVERY = [route for routes in load() for route in routes.declared]
SHOWN = [
    route for route in EVERY
    if route.method == "GET" and not route.listed and not route.is_public and not re.search("/by-|/own/", route.rule)
    and route.shown and "allowed_actions" in route.shown.view().fields
]  # fmt: skip
READ = {scope for scope in SCOPES if scope.endswith(":read")}
PATHS = {
    "propose": "agreements", "set_entry_rules": "entry-rules", "set_quotas": "quotas", "comment": "comments",
    "propose_revision": "revisions", "object": "objections", "propose_edition": "editions", "grant_role": "roles",
    "withdraw_role": "roles/<role:name>/withdraw", "answer_comments": "comments/answer",
}  # fmt: skip
"""Actions whose route is not called as they are."""


NOTHING_NOW = ("show_duty_table", "show_common_sheet")
"""While a revision of it is on the table; their own tests look at them without."""


def route_of(route: Route, action: str) -> Route | None:
    """The route of this action, by its address; None where no route is called so."""
    if action in ("revise", "amend"):
        return next(one for one in EVERY if (one.method, one.rule) == ("PATCH", route.rule))
    rule = f"{route.rule}/{PATHS.get(action, action.replace('_', '-'))}"
    return next((one for one in EVERY if one.method in ("POST", "PUT") and one.rule == rule), None)


def scope_of(route: Route, action: str) -> str | None:
    """What the route of this action asks for; None where no route is called so."""
    found = route_of(route, action)
    return None if found is None else found.scope


@pytest.fixture(scope="module")
def things(the_cell: Cell) -> Things:
    tenant, neighbour = the_cell.tenant("sichuan"), the_cell.tenant("chongqing")
    made = one_of_everything(the_cell, tenant, neighbour=neighbour)
    with the_cell.session(tenant) as session:
        session.execute(update(Import).values(state="running"))
        session.execute(update(ExportRow).values(state="running", actor_id="official-1"))
    return made


def shown(cell: Cell, tenant: UUID, address: str, *, scopes: set[str]) -> list[str]:
    headers = {"Authorization": f"Bearer {cell.token(tenant, scopes=scopes)}"}
    answer: Any = cell.app.test_client().get(address, headers=headers)
    assert answer.status_code == 200, (address, answer.json)
    allowed: list[str] = answer.json["allowed_actions"]
    return allowed


@pytest.mark.parametrize("route", SHOWN, ids=[route.name for route in SHOWN])
def test_an_action_is_allowed_to_whom_its_route_is_open(the_cell: Cell, things: Things, route: Route) -> None:
    tenant = PLATFORM if route.rule.startswith("/v1/tenants") else things.tenant
    address = things.address(PATH_PARAMETER.sub(lambda match: f"{{{match['name']}}}", route.rule))
    possible = shown(the_cell, tenant, address, scopes=set(SCOPES))
    assert possible or route.name in NOTHING_NOW, "nothing is possible, so nothing was looked at"
    needed = {action: scope_of(route, action) for action in possible}
    assert [action for action, scope in needed.items() if scope is None] == []
    base = {*READ, route.scope}
    every = {str(scope) for scope in needed.values()}
    for scopes in (base, *({*base, scope} for scope in every), *(set(SCOPES) - {scope} | base for scope in every)):
        mine = [action for action in possible if needed[action] in scopes]
        assert shown(the_cell, tenant, address, scopes=scopes) == mine


@pytest.mark.parametrize("route", SHOWN, ids=[route.name for route in SHOWN])
def test_what_is_not_allowed_now_is_refused_whatever_the_scopes(the_cell: Cell, things: Things, route: Route) -> None:
    tenant = PLATFORM if route.rule.startswith("/v1/tenants") else things.tenant
    address = partial(re.sub, PATH_PARAMETER, lambda match: f"{{{match['name']}}}")
    possible = shown(the_cell, tenant, things.address(address(route.rule)), scopes=set(SCOPES))
    client, headers = (
        the_cell.app.test_client(),
        {"Authorization": f"Bearer {the_cell.token(tenant, scopes=set(SCOPES))}"},
    )
    given = {**bodies(things), **standards_bodies(the_cell, things.tenant)}
    given["propose_agreement"] = agreement_draft(things.tenant, PLATFORM)
    others = (
        [route_of(route, action) for action in sorted(route.shown.actions) if action not in possible]
        if route.shown
        else []
    )
    answers = {
        one.name: client.open(
            things.address(address(one.rule)), method=one.method, json=given.get(one.name, {}),
            headers={**headers, "If-Match": "*", "Idempotency-Key": uuid4().hex},
        )
        for one in others if one is not None
    }  # fmt: skip
    # 202: another tenant's thing, which its home judges.
    assert {name: answer.json for name, answer in answers.items() if answer.status_code not in (202, 403, 409)} == {}
