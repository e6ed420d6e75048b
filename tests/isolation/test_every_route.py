"""Every route with and without its scope, on own and on other tenants' things: others' things are 404.

The routes are read from the OpenAPI document, so that none is forgotten.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from services.identity.domain.roles import BUILT_IN, OF_ORGANISATIONS, PLATFORM_ONLY, scopes_of
from services.registry import load
from shared.core.context import PLATFORM
from shared.http.openapi.document import document
from shared.rules.scopes import SCOPES
from tests.builders.cell import Cell
from tests.builders.naming import ROUTES, unnamed
from tests.builders.officials import agreement_draft
from tests.isolation.standards import standards_bodies, standards_queries
from tests.isolation.things import Things, bodies, one_of_everything

WRONG = {"no_field_has_this_name": 1}
FOR_EVERY_TENANT = {
    "show_tenant": "the directory is everybody's",
    "show_standard": "a register",
    "show_body": "a register",
    "show_item": "a register",
    "show_bulletin": "a register",
    "show_certificate": "a register",
    "show_certificate_by_number": "a register",
}
PUBLIC_BY_NATURE = ("tenants", "standards", "bodies", "certificates", "registers", "service-items", "bulletins")


class Operation(NamedTuple):
    """One route, as the document tells of it."""

    method: str
    path: str
    name: str
    scope: str | None
    takes_json: bool

    @property
    def is_bulk(self) -> bool:
        return self.name.endswith("_in_bulk")


def _operations() -> Iterator[Operation]:
    for path, methods in document(load())["paths"].items():
        for method, item in methods.items():
            media = item.get("requestBody", {}).get("content", {})
            scopes = [scope for way in item["security"] for names in way.values() for scope in names]
            scope = scopes[0] if scopes else None
            yield Operation(method.upper(), path, item["operationId"], scope, "application/json" in media)


EVERY = list(_operations())
PUBLIC = [item for item in EVERY if item.scope is None]
OPERATIONS = [item for item in EVERY if item.scope is not None]
every_route = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=[f"{item.method} {item.path}" for item in OPERATIONS]
)


@dataclass(frozen=True)
class World:
    """Two tenants with one of everything, and one token for each role of the first."""

    cell: Cell
    own: Things
    other: Things
    tokens: dict[str, str]

    def ask(self, operation: Operation, token: str, *, address: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex, "If-Match": "*"}
        content = {"json": body} if operation.takes_json else {}
        return self.cell.app.test_client().open(address, method=operation.method, headers=headers, **content)


@pytest.fixture(scope="module")
def world(the_cell: Cell) -> World:
    cell = the_cell
    tenants = [cell.tenant(name) for name in ("own", "other", "neighbour")]
    own, other = (one_of_everything(cell, tenant, neighbour=tenants[2]) for tenant in tenants[:2])

    def token(tenant: UUID, role: str) -> str:
        organisation = own.organisation if role in OF_ORGANISATIONS else None
        return cell.token(tenant, role, subject=f"holds-{role}", organisation_id=organisation)

    return World(cell, own, other, {role: token(own.tenant, role) for role in BUILT_IN})


def holds(role: str, scope: str, *, of_platform: bool = False) -> bool:
    return scope in scopes_of(BUILT_IN[role], of_platform=of_platform)


def body_of(operation: Operation, things: Things, *, cell: Cell) -> Any:
    if operation.name == "propose_agreement":
        return agreement_draft(things.tenant, PLATFORM)
    if operation.is_bulk:
        key, name = things.ids["users", "key"], things.ids["users", "name"]
        return {"items": [{"key": key, **{"grant": {"role": "observer"}, "withdraw": {"name": name}}.get(
            operation.path.rpartition("/")[2], {})}]}  # fmt: skip
    return {**bodies(things), **standards_bodies(cell, things.tenant)}.get(operation.name, {})


def address_of(operation: Operation, things: Things) -> str:
    """With the question, where the route cannot be asked without one."""
    question = standards_queries(things.ids).get(operation.name)
    return things.address(operation.path) + (f"?{urlencode(question)}" if question else "")


READS = [item for item in OPERATIONS if item.method == "GET"]


@pytest.mark.parametrize("operation", READS, ids=[f"{item.method} {item.path}" for item in READS])
def test_what_is_read_is_ones_own_and_nothing_of_another_tenant(world: World, operation: Operation) -> None:
    role = next(role for role in world.tokens if holds(role, operation.scope) and _may(role, operation))
    answer = world.ask(operation, world.tokens[role], address=address_of(operation, world.own), body=None)
    assert answer.status_code == 200, answer.json
    if answer.is_json and not ROUTES[operation.name].is_raw:
        assert unnamed(ROUTES[operation.name], answer.json) == []
    public = {value for (resource, _), value in world.other.ids.items() if resource in PUBLIC_BY_NATURE}
    foreign = {value for value in world.other.ids.values() if len(value) > 8} - public
    assert [value for value in foreign if value.encode() in answer.data] == []


def _may(role: str, operation: Operation) -> bool:
    # An organisation's people see their organisation alone: which rows, its own tests say.
    return (role in OF_ORGANISATIONS) == operation.path.startswith(("/v1/members", "/v1/own"))


CHANGES_NOTHING = {"identity.user.exported", "organisations.contact.exported", "audit.log.exported"}


def test_whatever_was_done_says_in_the_audit_log_what_it_changed(world: World) -> None:
    client, url, found = world.cell.app.test_client(), "/v1/audit?outcome=done&limit=100", set()
    world.cell.sweep(world.other.tenant)
    token = world.cell.token(world.other.tenant, "audit_administrator")
    while url:
        answer = client.get(url, headers={"Authorization": f"Bearer {token}"})
        found |= {item["act"] for item in answer.json["items"] if item["before"] is None and item["after"] is None}
        url = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert found - CHANGES_NOTHING == set()


@every_route
def test_every_other_scope_is_refused_and_the_routes_own_alone_gets_past_the_gate(
    world: World, operation: Operation
) -> None:
    address = world.own.address(operation.path)
    tenant = PLATFORM if operation.scope in PLATFORM_ONLY else world.own.tenant
    token = partial(world.cell.token, tenant, subject="holds-scopes")
    refused = world.ask(operation, token(scopes=set(SCOPES) - {operation.scope}), address=address, body=WRONG)
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    answer = world.ask(operation, token(scopes={operation.scope}), address=address, body=WRONG)
    assert answer.status_code != 401
    assert answer.status_code != 403 or (answer.json["code"] != "scope_missing" and tenant != PLATFORM)


def test_every_scope_is_somebodys_and_the_platforms_are_no_tenants() -> None:
    """A token has the scopes of its roles, so that this and the gate of each route say who gets in where."""
    for scope in {item.scope for item in OPERATIONS if item.scope is not None}:
        tenants = [role for role in BUILT_IN if holds(role, scope)]
        assert bool(tenants) == (scope not in PLATFORM_ONLY), scope
        assert tenants or [role for role in BUILT_IN if holds(role, scope, of_platform=True)], scope


@every_route
def test_nobody_without_a_token_gets_in(world: World, operation: Operation) -> None:
    answer = world.cell.app.test_client().open(world.own.address(operation.path), method=operation.method)
    assert (answer.status_code, answer.json["code"]) == (401, "token_missing")


def test_anybody_gets_in_where_no_token_is_needed(world: World) -> None:
    client, found = world.cell.app.test_client(), {}
    for item in PUBLIC:
        address = re.sub(r"\{[a-z_]+\}", str(uuid4()), item.path)
        found[item.name] = client.open(address, method=item.method, json=WRONG).status_code
    assert {name: status for name, status in found.items() if status not in (200, 404, 422)} == {}


ABOUT_ONE = [
    item
    for item in OPERATIONS
    if "{" in item.path and item.name not in FOR_EVERY_TENANT and item.scope not in PLATFORM_ONLY
]


@pytest.mark.parametrize("operation", ABOUT_ONE, ids=[f"{item.method} {item.path}" for item in ABOUT_ONE])
def test_another_tenants_things_do_not_exist(world: World, operation: Operation) -> None:
    address, body = world.other.address(operation.path), body_of(operation, world.other, cell=world.cell)
    kinds = {role in OF_ORGANISATIONS: role for role in world.tokens if holds(role, operation.scope)}
    answers = {role: world.ask(operation, world.tokens[role], address=address, body=body) for role in kinds.values()}
    assert answers, "no role of a tenant can do this"
    assert {
        role: (answer.status_code, answer.json) for role, answer in answers.items() if answer.status_code != 404
    } == {}


OF_NOTHING_YET = (
    "invite_user_in_bulk", "register_client_in_bulk", "register_organisation_in_bulk", "issue_certificate_in_bulk",
)  # fmt: skip
BULK = [item for item in OPERATIONS if item.is_bulk and item.name not in OF_NOTHING_YET]


@pytest.mark.parametrize("operation", BULK, ids=[item.path for item in BULK])
def test_another_tenants_things_do_not_exist_in_bulk_either(world: World, operation: Operation) -> None:
    role = next(role for role in world.tokens if holds(role, operation.scope))
    answer = world.ask(
        operation, world.tokens[role], address=operation.path, body=body_of(operation, world.other, cell=world.cell)
    )
    assert [item["status"] for item in answer.json["results"]] == [404]


def test_the_document_tells_of_every_address_under_v1(cell: Cell) -> None:
    served = {
        (method, rule.rule)
        for rule in cell.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/v1/")
    }
    shown = cell.app.test_client().get("/openapi.json").json
    told = sum(len(methods) for methods in shown["paths"].values())
    assert (told, len(EVERY)) == (len(served), len(served))
    assert json.dumps(shown["paths"], sort_keys=True) == json.dumps(document(load())["paths"], sort_keys=True)
