"""What a service declares of one route: everything the handling and the OpenAPI document need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from marshmallow import Schema

from shared.database.pages import Order
from shared.database.rows import Aggregate
from shared.http.attributes import attributes_of
from shared.rules.acts import Act

Run = Callable[..., Any]
"""What does what a route is asked for."""
Present = Callable[[Any, Sequence[Any]], list[Any]]
"""Turns rows into what the view shows, all at once, so that a list needs no query per row."""


def as_they_are(session: Any, rows: Sequence[Any]) -> list[Any]:
    """Rows whose columns are all the view needs; of aggregates also their texts, and what their state allows."""
    return attributes_of(session, rows) if rows and isinstance(rows[0], Aggregate) else list(rows)


ACTIONS = "allowed_actions"
"""What views call that which may be done to a thing now."""


@dataclass(frozen=True, kw_only=True)
class ResourceView:
    """How the things of a resource are shown: the kind, its view and what the view needs beyond columns."""

    kind: type[Any]
    view: type[Schema]
    present: Present = as_they_are
    url: Callable[[Any], str] | None = None
    """Where a new one is found, for `Location`."""
    actions: dict[str, str] = field(default_factory=dict, compare=False)
    """What may be done to one, each with the scope of its route; several views of one thing share them."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """One declared route: everything the handling and the OpenAPI document need."""

    method: str
    rule: str
    name: str
    scope: str
    summary: str
    run: Callable[..., Any]
    shown: ResourceView | None = None
    draft: type[Schema] | None = None
    query: type[Schema] | None = None
    order: Order | None = None
    """Of a list: what it may be sorted by."""
    creates: bool = False
    command: bool = False
    find: Callable[..., UUID] | None = None
    media: str | None = None
    view: type[Schema] | None = None
    is_raw: bool = False
    is_public: bool = False
    """Needs no token and has no scope; counted by network address."""
    of_register: bool = False
    """A public one that tells what is listed for anybody: counted like reading, not like guessing."""
    sessionless: bool = False
    """A public one that reads something: it opens its sessions itself, one after another."""
    audited: Act | None = None
    """The act that success and refusal are written down as."""
    once: tuple[str, ...] = ()
    """Fields of the answer that are shown once and never kept: secrets and links."""
    current: Callable[..., Any] | None = None
    """`function(session, *path)` gives the row, locked, whose `etag` an `own` route's If-Match must name."""
    actions: tuple[str, ...] = ()
    """What `allowed_actions` calls what it does."""
    by: str = ""
    """Whose people alone may do it, beside its scope: of an `office`, or of an `organisation`."""
    bulk_of: Route | None = None
    """The route that each item of the body is handled as."""

    @property
    def listed(self) -> bool:
        """Whether it gives pages of rows."""
        return self.order is not None

    @property
    def has_etag(self) -> bool:
        """Whether it shows one thing that has versions: unchanged, it need not be sent again."""
        return self.method == "GET" and not self.listed and self.shown is not None and hasattr(self.shown.kind, "etag")

    @property
    def conditional(self) -> bool:
        """Whether a request needs If-Match."""
        return (self.command and not self.creates) or self.current is not None


LISTS: dict[str, Route] = {}
"""Every list of the API, by the operation's name."""


@dataclass(frozen=True)
class PlainRoute:
    """A plain Flask view beside the declared routes: for browsers and protocols, not in the OpenAPI document."""

    methods: tuple[str, ...]
    rule: str
    name: str
    run: Callable[..., Any]
