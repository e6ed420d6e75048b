"""Routes: a service declares scope, schemas and one call; the conventions come from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Required, TypedDict, Unpack

from flask import Flask
from marshmallow import Schema

from shared.database.lists import ListQuery
from shared.http import handling
from shared.http.lists.pages import PageFilter, listing
from shared.http.resources import LISTS, PlainRoute, ResourceView, Route, Run
from shared.rules.scopes import SCOPES


class _PublicOptions(TypedDict, total=False):
    """What a route without a token may say."""

    summary: Required[str]
    name: str
    draft: type[Schema]
    query: type[Schema]
    sessionless: bool
    of_register: bool
    """It tells of a thing that a public list shows: counted as often as those are."""


class _RawOptions(TypedDict, total=False):
    """What a route that handles the whole request itself may say."""

    scope: Required[str]
    summary: Required[str]
    name: str
    media: str
    """What it answers with, where that is not JSON."""
    view: type[Schema]
    is_public: bool


@dataclass(frozen=True)
class Routes:
    """The routes of one service, all under `/v1`, and its pages."""

    service: str
    declared: list[Route] = field(default_factory=list)
    pages: list[PlainRoute] = field(default_factory=list)
    endpoints: dict[str, str] = field(default_factory=dict)
    """Where tokens are had: `authorize`, `token`, `device`; for the service that gives them."""

    def public(self, rule: str, run: Run, *, shown: ResourceView, **options: Unpack[_PublicOptions]) -> None:
        """`run(session, **path, **query)` tells anybody one thing, without a token: 200.

        Its session is of no tenant and sees registers alone. With a `draft` it is a POST; that, and what is
        `sessionless`, is `run(**path, **arguments)`, opens its own sessions (`gate.public_session`) and gives what is
        shown, its `present` apart: 201, 200. All are counted by network address before anything is looked up, so what
        is refused then tells nobody what exists.
        """
        writes = "draft" in options
        given: dict[str, Any] = {"name": run.__name__, "method": "POST" if writes else "GET", **options}
        self.add(Route(rule=rule, run=run, shown=shown, scope="", is_public=True, creates=writes, **given))

    def public_list(
        self, rule: str, run: ListQuery, *, shown: ResourceView, query: type[Schema] = PageFilter, **options: str
    ) -> None:
        """A register, page by page, for anybody: sorted, narrowed and exported like any other list.

        What it lists is meant to be read by all, so it is counted by network address less tightly than the answer to a
        question about one thing that is not listed.
        """
        given: dict[str, Any] = {"query": listing(query, run.order), "order": run.order, **options}
        self.add(
            Route(method="GET", rule=rule, run=run, shown=shown, scope="", is_public=True, of_register=True, **given)
        )

    def raw(self, method: str, rule: str, **options: Unpack[_RawOptions]) -> Callable[[Run], Run]:
        """`function(**path)` handles the whole request itself, the gate included; for bodies that are not JSON.

        With `is_public=True, scope=""` it needs no token, and is counted first: `gate.limits().count_public`.
        """

        def register(function: Run) -> Run:
            given: dict[str, Any] = {"name": function.__name__, **options}
            self.add(Route(method=method, rule=rule, run=function, is_raw=True, **given))
            return function

        return register

    def page(self, methods: str, rule: str) -> Callable[[Any], Any]:
        """`function(**path)` handles the whole request itself; `methods` as in "GET POST"."""

        def register(function: Any) -> Any:
            self.pages.append(PlainRoute(tuple(methods.split()), rule, function.__name__, function))
            return function

        return register

    def add(self, route: Route) -> Route:
        """One more route; its scope is one that roles may hold."""
        if not route.is_public:
            SCOPES.add(route.scope)
        if route.listed:
            LISTS[route.name] = route
        self.declared.append(route)
        return route

    def install(self, app: Flask) -> None:
        """Put the routes on the application."""
        for route in self.declared:
            endpoint = f"{self.service}.{route.name}"
            view = route.run if route.is_raw else handling.view_of(route)
            if route.is_public and not route.is_raw:
                view = handling.public_view_of(route)
            app.add_url_rule(route.rule, endpoint, view, methods=[route.method])
        for page in self.pages:
            view = handling.counted(page.run) if "POST" in page.methods else page.run
            app.add_url_rule(
                page.rule, f"{self.service}.{page.name}", view, methods=list(page.methods), strict_slashes=False
            )
