"""Puts `names` beside what an answer shows: each kind of answer tells which schema dumped which part of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema

from shared.http.fields.references import refers
from shared.http.lists.command_views import CommandView
from shared.http.names import names_in
from shared.http.requests import gate
from shared.http.resources import Route
from shared.journal.session import Session

Documents = Iterator[tuple[type[Schema], Any]]


def with_names(session: Any, route: Route, *, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer with `names` at the top of its body, where its view mentions anything; an emptied one stays so."""
    body = answer["body"]
    parts = list(_parts(route, answer)) if body else []
    if route.bulk_of is None and not any(refers(view) for view, _document in parts):
        return dict(answer)
    directory = session.directory if isinstance(session, Session) else gate.database().directory
    return {**answer, "body": {**body, "names": names_in(session, parts, directory=directory)}}


def _parts(route: Route, answer: Mapping[str, Any]) -> Documents:
    body = answer["body"]
    if route.bulk_of is not None:
        for result in body["results"]:
            yield from _single(route.bulk_of, result)
    elif route.listed:
        for item in body["items"] or [None]:
            yield _view(route), item
    else:
        yield from _single(route, answer)


def _single(route: Route, answer: Mapping[str, Any]) -> Documents:
    yield CommandView if answer["status"] == 202 else _view(route), answer["body"]


def _view(route: Route) -> type[Schema]:
    if route.shown is None:
        raise LookupError(f"{route.name} shows nothing")
    return route.shown.view
