"""Every door has a lock, and every key to it belongs to a role."""

from __future__ import annotations

import pytest

from services.identity.domain.roles import BUILT_IN, scopes_of
from services.registry import SERVICES, load
from shared.http.resources import Route

EVERY = [(routes.service, route) for routes in load() for route in routes.declared]
ROUTES = [(service, route) for service, route in EVERY if not route.is_public]
PUBLIC = {
    "comment_publicly",
    "download_consultation_text",
    "download_standard_text",
    "list_consultations",
    "list_georeport_services",
    "list_public_bodies",
    "list_public_bulletins",
    "list_public_parks",
    "list_public_service_items",
    "list_public_standards",
    "list_public_tenants",
    "show_consultation",
    "show_georeport_service",
    "show_platform_key",
    "show_public_certificate",
    "show_public_service_item",
    "show_public_standard",
    "show_what_is_shared",
    "show_status",
    "show_tenant_keys",
}
"""Names of the routes that anybody may ask without a token: each a decision, so each is named here."""
EVERY_SCOPE = {scope for role in BUILT_IN.values() for scope in scopes_of(role, of_platform=True)}


@pytest.mark.parametrize(("service", "route"), ROUTES, ids=[f"{item.method} {item.rule}" for _name, item in ROUTES])
def test_every_route_declares_a_scope_that_a_role_holds(service: str, route: Route) -> None:
    assert route.scope in EVERY_SCOPE, "name the scope <noun>:<verb>, with a verb that a role holds"
    assert route.rule.startswith("/v1/")
    assert service == "machine" or service in SERVICES


def test_the_routes_without_a_lock_are_those_that_are_meant_to_have_none() -> None:
    open_doors = [(service, route) for service, route in EVERY if route.is_public]
    assert {route.name for _service, route in open_doors} == PUBLIC
    assert [route.rule for _service, route in open_doors if not route.rule.startswith("/v1/") or route.scope] == []


def test_every_route_has_a_summary_in_both_languages() -> None:
    assert [route.rule for _service, route in EVERY if " / " not in route.summary] == []


def test_no_two_routes_of_the_platform_have_one_name() -> None:
    names = [route.name for _service, route in EVERY]
    assert sorted({name for name in names if names.count(name) > 1}) == []
