"""Resources: a service says in a few lines what lists, shows, makes and changes its things; all else follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID

from marshmallow import Schema

from shared.commands.registry import COMMANDS
from shared.database.lists import ListQuery
from shared.database.pages import Order
from shared.evidence.histories import HISTORIES, Of
from shared.evidence.timeline import ORDER, present_entries
from shared.http import bulk
from shared.http.fields.strict import Nothing
from shared.http.lists.command_views import TITLES
from shared.http.lists.history import DeliveryView, TimelineView, delivery_of, timeline_of
from shared.http.lists.pages import PageFilter, listing
from shared.http.resources import ResourceView, Route, Run
from shared.http.routes import Routes
from shared.journal.entries import JournalRow
from shared.journal.session import Session
from shared.rules.acts import Act


class _RouteOptions(TypedDict, total=False):
    """What any route of a resource may say; what it leaves out comes from the resource and from the function."""

    summary: Required[str]
    """`中文 / English`."""
    name: str
    """Of the operation, for clients: the same for ever."""
    rule: str
    """The whole address, where it is not the usual one."""
    scope: str
    shown: ResourceView
    """What the answer shows, where that is another thing."""
    audited: Act | str
    """The act that success and refusal are written down as, or its participle: `suspended`."""
    by: str
    """Whose people alone may do it: of an `office`, or of an `organisation`."""
    once: tuple[str, ...]
    """Fields of the answer that are shown once and never kept: secrets and links."""


class _ActOptions(_RouteOptions, total=False):
    """What an action may say besides."""

    actions: tuple[str, ...]
    """What `allowed_actions` calls it, first what the address does too; left out, as the command is called."""
    method: str
    current: Run
    """`function(session, *path)` gives the row, locked, whose `etag` If-Match must name; commands have theirs."""


@dataclass(frozen=True)
class Resource:
    """The things of one kind below one address: what lists, shows, makes and changes them is named, not wrapped.

    Functions get the session first and by name what stands in the address, in the query or in the body.
    """

    routes: Routes
    url: str
    """Of all of them."""
    shown: ResourceView
    _: KW_ONLY
    key: str = "/<uuid:key>"
    """What the address of one has besides."""
    read: str = ""
    """The scope of lists and of what shows one."""
    write: str = ""
    """The scope of what makes or changes one."""
    subject: str = ""
    """What operations call one of them, where it is not the name of its class."""
    find: Callable[..., UUID] | None = None
    """`function(session, **path)` gives the id that commands are on, where the address is not `<uuid:key>` alone."""

    @property
    def one(self) -> str:
        """The address of one of them."""
        return self.url + self.key

    @property
    def _called(self) -> str:
        return self.subject or self.shown.kind.__name__.lower()

    def list(
        self,
        run: Run,
        *,
        query: type[Schema] = PageFilter,
        order: Order | None = None,
        **options: Unpack[_RouteOptions],
    ) -> None:
        """`run(session, filters, paging=, **path)` gives a `Page`; sorting, `updated_since` and exports follow.

        A `ListQuery` has its order with it.
        """
        order = run.order if isinstance(run, ListQuery) else order
        if order is None:
            raise TypeError(f"the list at {self.url} has no order")
        plural = self.url.rpartition("/")[2].replace("-", "_")
        usual = {"rule": self.url, "name": f"list_{plural}", "scope": self.read}
        self._add(run, {**usual, "method": "GET", "query": listing(query, order), "order": order}, options=options)

    def get(
        self, run: Run | None = None, *, query: type[Schema] | None = None, **options: Unpack[_RouteOptions]
    ) -> None:
        """`run(session, **path, **query)` gives one thing; left out, it is the tenant's row with that id."""
        usual = {"rule": self.one, "name": f"show_{self._called}", "scope": self.read}
        self._add(run or self._row, {**usual, "method": "GET", "query": query}, options=options)

    def create(self, run: Run, *, draft: type[Schema] = Nothing, **options: Unpack[_RouteOptions]) -> None:
        """`run(session, **path, **draft)` makes one that the caller's tenant keeps: 201."""
        usual = {"rule": self.url, "scope": self.write, "creates": True}
        self._add(run, {**usual, "method": "POST", "draft": draft}, options=options)

    def act(self, run: Run, *, draft: type[Schema] = Nothing, **options: Unpack[_ActOptions]) -> None:
        """What may be done to one. It stands in its `allowed_actions` for those who hold the scope.

        A command runs here if this tenant is home, else it is forwarded there. Any other function,
        `run(session, **path, **draft)`, changes what the tenant keeps alone.
        """
        given: dict[str, Any] = {**options}
        command = next((item for item in COMMANDS.values() if item.run is run), None)
        called = command.name.rpartition(".")[2] if command else run.__name__.replace(f"_{self._called}", "")
        actions = given.pop("actions", (called,))
        rule = f"{self.one}/{actions[0].replace('_', '-')}"
        usual = {"rule": rule, "method": "POST", "scope": self.write, "draft": draft}
        if command is not None:
            command.bind(draft)
            TITLES[command.name] = given["summary"]
            usual |= {"command": True, "find": self.find}
        route = self._add(run, {**usual, "actions": actions}, options=given)
        for action in actions:
            if self.shown.actions.setdefault(action, route.scope) != route.scope:
                raise ValueError(f"{route.name}: another route asks for another scope for {action}")

    def revise(self, run: Run, *, draft: type[Schema], **options: Unpack[_ActOptions]) -> None:
        """The action that replaces what is given: PATCH at the address of one."""
        options.setdefault("method", "PATCH")
        options.setdefault("rule", self.one)
        self.act(run, draft=draft, **options)

    def history(self, of: Of | None = None) -> None:
        """`timeline` and `delivery` of one, and what `xietong journal export` writes of it.

        `of(session, key)` gives the thing's row, then those of its parts, newest first; raises `NotFoundError`. Left
        out, the thing has no parts.
        """
        of = of or (lambda session, key: [self._row(session, key)])
        HISTORIES[self.shown.kind.kind] = of
        entry = ResourceView(kind=JournalRow, view=TimelineView, present=present_entries)
        self.list(
            timeline_of(of),
            order=ORDER,
            rule=f"{self.one}/timeline",
            name=f"list_{self._called}_timeline",
            shown=entry,
            summary="时间线 / Timeline",
        )
        self.get(
            delivery_of(of),
            rule=f"{self.one}/delivery",
            name=f"show_{self._called}_delivery",
            shown=ResourceView(kind=dict, view=DeliveryView),
            summary="送达情况 / Delivery",
        )

    def bulk(self, name: str, *, summary: str, rule: str = "") -> None:
        """Up to `bulk.MOST` times what the declared POST operation `name` does, with a result for each item."""
        single = next(route for route in self.routes.declared if route.name == name)
        action = name.replace(f"_{self._called}", "").replace("_", "-")
        usual = {"rule": rule or f"{self.url}/bulk/{action}", "method": "POST", "scope": single.scope}
        made = {"draft": bulk.item_schema(single), "view": bulk.ResultsView, "bulk_of": single, "once": single.once}
        self._add(single.run, {**usual, **made, "shown": None, "name": f"{name}_in_bulk"}, options={"summary": summary})

    def _row(self, session: Session, key: UUID) -> Any:
        return session.one(self.shown.kind, key)

    def _add(self, run: Run, usual: Mapping[str, object], *, options: Mapping[str, object]) -> Route:
        given: dict[str, Any] = {"name": getattr(run, "__name__", ""), "shown": self.shown, **usual, **options}
        if isinstance(past := given.get("audited"), str):
            given["audited"] = Act(f"{self.shown.kind.kind}.{past}", *given["summary"].split(" / "))
        return self.routes.add(Route(run=run, **given))
