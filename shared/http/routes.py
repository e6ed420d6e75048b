"""Routes: a service declares scope, schemas and one call; the conventions come from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from marshmallow import Schema

from shared.commands import command_of
from shared.http import handling
from shared.model import Aggregate

Present = Callable[[Any, Sequence[Any]], list[Any]]
"""Turns rows into what the view shows, all at once, so that a list needs no query per row."""


def as_they_are(_session: Any, rows: Sequence[Any]) -> list[Any]:
    """Rows whose columns are all the view needs."""
    return list(rows)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How the things of a resource are shown: the kind, its view and what the view needs beyond columns."""

    kind: type[Any]
    view: type[Schema]
    present: Present = as_they_are
    url: Callable[[Any], str] | None = None
    """Where a new one is found, for `Location`."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """One declared route: everything the handling and the OpenAPI document need."""

    method: str
    rule: str
    name: str
    scope: str
    summary: str
    run: Callable[..., Any]
    shown: Shown | None = None
    draft: type[Schema] | None = None
    query: type[Schema] | None = None
    listed: bool = False
    creates: bool = False
    command: bool = False
    find: Callable[..., UUID] | None = None
    media: str | None = None
    view: type[Schema] | None = None
    is_raw: bool = False


@dataclass(frozen=True)
class Routes:
    """The routes of one service, all under `/v1`."""

    service: str
    declared: list[Route] = field(default_factory=list)

    def get(self, rule: str, shown: Shown, *, scope: str, summary: str) -> Callable[[Any], Any]:
        """`function(session, **path)` gives one thing."""
        return self._declare(method="GET", rule=rule, shown=shown, scope=scope, summary=summary)

    def list(self, rule: str, shown: Shown, *, scope: str, summary: str, query: type[Schema]) -> Callable[[Any], Any]:
        """`function(session, filters, cut, **path)` gives a `Page`."""
        return self._declare(
            method="GET", rule=rule, shown=shown, scope=scope, summary=summary, query=query, listed=True
        )

    def create(self, rule: str, shown: Shown, *, scope: str, summary: str, draft: type[Schema]) -> Callable[[Any], Any]:
        """`function(session, **arguments)` makes something whose home is the caller's tenant."""
        return self._declare(
            method="POST", rule=rule, shown=shown, scope=scope, summary=summary, draft=draft, creates=True
        )

    def own(self, rule: str, shown: Shown, *, scope: str, summary: str, draft: type[Schema]) -> Callable[[Any], Any]:
        """`function(session, **arguments)` sets something that is the caller's tenant's alone, by PUT."""
        return self._declare(method="PUT", rule=rule, shown=shown, scope=scope, summary=summary, draft=draft)

    def act(self, method: str, rule: str, *, run: Callable[..., Aggregate], **declared: Any) -> None:
        """A command on the thing that the path names: run here if this tenant is home, else forwarded to home.

        `find(session, **path)` gives the id of what the command is on, if the path is not `<uuid:key>` alone.
        """
        command_of(run).bind(declared["draft"])
        self._declare(method=method, rule=rule, command=True, name=run.__name__, **declared)(run)

    def raw(self, method: str, rule: str, **declared: Any) -> Callable[[Any], Any]:
        """`function(**path)` handles the whole request itself, the gate included; for bodies that are not JSON."""
        return self._declare(method=method, rule=rule, is_raw=True, **declared)

    def _declare(self, **declared: Any) -> Callable[[Any], Any]:
        def register(function: Any) -> Any:
            given: Mapping[str, Any] = {"name": function.__name__, **declared}
            self.declared.append(Route(run=function, **given))
            return function

        return register

    def install(self, app: Flask) -> None:
        """Put the routes on the application."""
        for route in self.declared:
            endpoint = f"{self.service}.{route.name}"
            view = route.run if route.is_raw else handling.view_of(route)
            app.add_url_rule(route.rule, endpoint, view, methods=[route.method])
