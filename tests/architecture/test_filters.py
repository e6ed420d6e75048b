"""Every filter of every list narrows what the database is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock
from uuid import uuid4

import pytest

from services.registry import load
from shared.database.pages import PageRequest
from shared.http.lists.pages import PageFilter
from shared.http.openapi.document import document
from shared.http.resources import Route

ROUTES = load()
PATHS = document(ROUTES)["paths"]
OF_EVERY_LIST = {*PageFilter().fields, "sort", "updated_since", "count", "format"}
LISTS = [route for routes in ROUTES for route in routes.declared if route.listed]
PAGE = PageRequest(None, 20)
ORGANISATION = {"list_own_parks", "list_own_certificates", "list_own_standards"}
"""Lists for people who act for one organisation."""


def _session(statements: list[str], *, of_organisation: bool) -> Any:
    """One that keeps the statements it is asked to run, and finds nothing."""

    def asked(query: Any, *_: Any) -> Any:
        statements.append(str(query))
        return MagicMock(all=list, first=lambda: None, __iter__=lambda _self: iter(()))

    context = SimpleNamespace(
        tenant_id=uuid4(), party=uuid4(), actor_id="test", scopes=frozenset(),
        scope="organisation" if of_organisation else "tenant", organisation_id=uuid4() if of_organisation else None,
    )  # fmt: skip
    session = MagicMock(context=context, scalars=asked, execute=asked)
    session.clock.now.return_value = datetime(2026, 7, 1, tzinfo=UTC)
    session.get.return_value = None
    session.directory.named.return_value = SimpleNamespace(id=uuid4())
    return session


def _samples() -> Iterator[tuple[Route, str, Any]]:
    """Each list with each filter of its own, and a value for it in the form of the API."""
    for route in LISTS:
        fields = {} if route.query is None else route.query().load_fields
        path = next(path for path in PATHS if PATHS[path].get("get", {}).get("operationId") == route.name)
        shown = {one["name"]: one["schema"] for one in PATHS[path]["get"]["parameters"] if one["in"] == "query"}
        for name, field in fields.items():
            if name not in OF_EVERY_LIST:
                yield route, name, _sample(field, shown[field.data_key or name])


def _sample(field: Any, shown: dict[str, Any]) -> Any:
    if choices := getattr(field, "choices", None):
        return next(one for one in choices if one != field.load_default)
    if shown.get("examples") and shown["type"] != "boolean":
        return shown["examples"][0]
    given = {"boolean": "true", "uuid": str(uuid4()), "date": "2026-07-01", "date-time": "2026-07-01T00:00:00Z"}
    return given[shown.get("format", shown["type"])]


def _statements(route: Route, given: dict[str, Any]) -> list[str]:
    assert route.query is not None
    arguments = route.query().load(given)
    for name in OF_EVERY_LIST & arguments.keys():
        arguments.pop(name)
    statements: list[str] = []
    session = _session(statements, of_organisation=route.name in ORGANISATION)
    path = {"key": uuid4()} if "<uuid:key>" in route.rule else {}
    route.run(session, arguments, paging=PAGE, **path)
    return statements


SAMPLES = list(_samples())


def test_there_are_filters() -> None:
    assert len(SAMPLES) > 40


@pytest.mark.parametrize(("route", "name", "value"), SAMPLES, ids=[f"{one[0].name}-{one[1]}" for one in SAMPLES])
def test_no_filter_of_a_list_is_ignored(route: Route, name: str, value: Any) -> None:
    assert route.query is not None
    key = route.query().load_fields[name].data_key or name
    assert _statements(route, {key: value}) != _statements(route, {})
