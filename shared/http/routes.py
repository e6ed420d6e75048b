"""Routes: a service declares scope, schemas and one call; the conventions come from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Required, TypedDict, Unpack

from flask import Flask
from marshmallow import Schema

from shared.commands.registry import command_of
from shared.database.pages import Order
from shared.database.rows import Aggregate
from shared.evidence.histories import HISTORIES, Of
from shared.evidence.timeline import ORDER, present_entries
from shared.http import bulk, handling
from shared.http.lists.command_views import TITLES
from shared.http.lists.history import DeliveryView, TimelineView, delivery_of, timeline_of
from shared.http.lists.pages import PageFilter, listing
from shared.http.resources import PlainRoute, ResourceView, Route, Run
from shared.journal.entries import JournalRow
from shared.rules.scopes import SCOPES


class _PublicOptions(TypedDict, total=False):
    """What a route without a token may say."""

    summary: Required[str]
    name: str
    draft: type[Schema]
    query: type[Schema]
    sessionless: bool


@dataclass(frozen=True)
class Routes:
    """The routes of one service, all under `/v1`, and its pages."""

    service: str
    declared: list[Route] = field(default_factory=list)
    pages: list[PlainRoute] = field(default_factory=list)
    endpoints: dict[str, str] = field(default_factory=dict)
    """Where tokens are had: `authorize`, `token`, `device`; for the service that gives them."""

    def get(self, rule: str, shown: ResourceView, **declared: Any) -> Callable[[Any], Any]:
        """`function(session, **path, **arguments)` gives one thing; `declared` as in `create`, `query` for `draft`."""
        return self._declare(method="GET", rule=rule, shown=shown, **declared)

    def list(
        self, rule: str, shown: ResourceView, *, query: type[Schema], order: Order, **declared: Any
    ) -> Callable[[Any], Any]:
        """`function(session, filters, cut, **path)` gives a `PlainRoute`, in the order that `order` and `cut` say.

        `declared` are scope and summary. Sorting, `updated_since` and exports come from here.
        """
        return self._declare(method="GET", rule=rule, shown=shown, query=listing(query, order), order=order, **declared)

    def create(self, rule: str, shown: ResourceView, **declared: Any) -> Callable[[Any], Any]:
        """`function(session, **path, **arguments)` makes something whose home is the caller's tenant: 201.

        `declared` are scope, summary, draft, and where they apply audited and once, as in `Route`.
        """
        return self._declare(method="POST", rule=rule, shown=shown, creates=True, **declared)

    def own(self, method: str, rule: str, *, shown: ResourceView, **declared: Any) -> Callable[[Any], Any]:
        """`function(session, **path, **arguments)` changes what is the caller's tenant's alone: 200.

        With `current=function(session, *path)` it needs If-Match, compared with the row that gives, locked.
        """
        return self._declare(method=method, rule=rule, shown=shown, **declared)

    def act(self, method: str, rule: str, *, run: Callable[..., Aggregate], **declared: Any) -> None:
        """A command on the thing that the path names: run here if this tenant is home, else forwarded to home.

        `find(session, **path)` gives the id of what the command is on, if the path is not `<uuid:key>` alone.
        """
        command_of(run).bind(declared["draft"])
        TITLES[command_of(run).name] = declared["summary"]
        self._declare(method=method, rule=rule, command=True, name=run.__name__, **declared)(run)

    def history(self, rule: str, shown: ResourceView, *, scope: str, of: Of) -> None:
        """`timeline` and `delivery` below a `rule` with `<uuid:key>`, and what `xietong journal export` writes of it.

        `of(session, key)` gives the thing's row, then those of its parts, newest first; raises `NotFoundError`.
        """
        HISTORIES[shown.kind.kind] = of
        subject = shown.kind.kind.partition(".")[2]
        entry = ResourceView(kind=JournalRow, view=TimelineView, present=present_entries)
        self.list(
            f"{rule}/timeline", entry, name=f"list_{subject}_timeline", scope=scope, summary="时间线 / Timeline",
            query=PageFilter, order=ORDER,
        )(timeline_of(of))  # fmt: skip
        self._declare(
            method="GET", rule=f"{rule}/delivery", name=f"show_{subject}_delivery", scope=scope,
            shown=ResourceView(kind=dict, view=DeliveryView), summary="送达情况 / Delivery",
        )(delivery_of(of))  # fmt: skip

    def bulk(self, rule: str, *, of: str, summary: str, name: str = "") -> None:
        """Up to `bulk.MOST` times what the declared POST route `of` does, each item by itself, with a result each."""
        single = next(route for route in self.declared if route.name == of)
        self._declare(
            method="POST", rule=rule, name=name or f"{of}_in_bulk", scope=single.scope, summary=summary,
            draft=bulk.item_schema(single), view=bulk.ResultsView, bulk_of=single, once=single.once,
        )(single.run)  # fmt: skip

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

    def raw(self, method: str, rule: str, **declared: Any) -> Callable[[Any], Any]:
        """`function(**path)` handles the whole request itself, the gate included; for bodies that are not JSON.

        With `is_public=True, scope=""` it needs no token, and is counted first: `gate.limits().count_public`.
        """
        return self._declare(method=method, rule=rule, is_raw=True, **declared)

    def page(self, methods: str, rule: str) -> Callable[[Any], Any]:
        """`function(**path)` handles the whole request itself; `methods` as in "GET POST"."""

        def register(function: Any) -> Any:
            self.pages.append(PlainRoute(tuple(methods.split()), rule, function.__name__, function))
            return function

        return register

    def _declare(self, **declared: Any) -> Callable[[Any], Any]:
        def register(function: Any) -> Any:
            self.add(Route(run=function, **{"name": function.__name__, **declared}))
            return function

        return register

    def add(self, route: Route) -> Route:
        """One more route; its scope is one that roles may hold."""
        if not route.is_public:
            SCOPES.add(route.scope)
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
