"""Many of one route's requests in one: each item has its effect and its result, or its problem, by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError, fields
from sqlalchemy.exc import IntegrityError

from shared.core.errors import ProblemError, bounded
from shared.evidence.audit import note
from shared.http.fields.path_types import PATH_PARAMETER
from shared.http.fields.schemas import schema
from shared.http.fields.strict import Schema, Text, Whole, count
from shared.http.fields.texts import Identifier
from shared.http.names import Names
from shared.http.requests.conditions import positions_of
from shared.http.requests.problems import clash, invalid, problem_document
from shared.http.resources import Route
from shared.journal.session import Session
from shared.text.identifiers import KINDS

MOST = 200
MOST_FAULTS = 10
"""Of one item that the answer names: there may be as many times more as there are items."""
IF_MATCH = "if_match"
Handle = Callable[..., dict[str, Any]]
"""Handles one item as its route would: path, arguments and position give an answer."""


class Items(Schema):
    """What is judged of the body as a whole; each item is judged by itself."""

    items = fields.List(fields.Raw(allow_none=True), required=True, validate=count(1, MOST))


class ResultView(Schema):
    """What became of one item: `body` as its route answers, or `problem`."""

    index = fields.Integer(required=True)
    status = fields.Integer(required=True)
    body = fields.Dict(required=True, allow_none=True)
    problem = fields.Dict(required=True, allow_none=True)


class ResultsView(Schema):
    """One result for each item, in the order given."""

    results = fields.List(fields.Nested(ResultView), required=True)
    names = fields.Nested(Names, required=True)


def item_schema(single: Route) -> type[Schema]:
    """An item: the draft of the route, with what its address and its If-Match would say."""
    draft: Any = single.draft
    added = {found["name"]: _path_field(found["type"]) for found in PATH_PARAMETER.finditer(single.rule)}
    if single.conditional:
        added[IF_MATCH] = fields.String(load_default="*")
    if set(added) & set(draft._declared_fields):  # noqa: SLF001 - marshmallow tells of a class's fields nowhere else
        raise LookupError(f"{single.name}: the draft and the address name the same field")
    name = f"{draft.__name__}Of{single.name.title().replace('_', '')}"
    # Of the service whose words describe it.
    made: type[Schema] = type(name, (draft,), {**added, "__module__": single.run.__module__})
    return made


def _path_field(kind: str | None) -> fields.Field[Any]:
    if kind == "uuid":
        return fields.UUID(required=True)
    if kind == "number":
        return Whole(1, 999_999_999, required=True)
    named = next((name for name in KINDS if name.replace("_", "") == kind), None)
    return Text(200, required=True) if named is None else Identifier(named, required=True)


def answer(session: Session, route: Route, *, items: Sequence[Any], handle: Handle) -> dict[str, Any]:
    """The answer of a bulk route: always 200, with a result for each item."""
    results: list[dict[str, Any]] = []
    for index, item in enumerate(items):
        try:
            given = schema(route.draft).load(item) if route.draft else {}
            names = [found["name"] for found in PATH_PARAMETER.finditer(route.bulk_of.rule)] if route.bulk_of else []
            position, path = positions_of(given.pop(IF_MATCH, "*")), {name: given.pop(name) for name in names}
            with session.savepoint():
                made = handle(path=path, arguments=given, position=position)
            results.append({"index": index, "status": made["status"], "body": made["body"], "problem": None})
        except (ProblemError, ValidationError, IntegrityError) as error:
            if isinstance(error, ValidationError):
                refusal: ProblemError = invalid(error)
            else:
                refusal = error if isinstance(error, ProblemError) else clash(error)
            refusal.faults = bounded(refusal.faults, MOST_FAULTS)
            if route.bulk_of is not None and route.bulk_of.audited is not None:
                subject = str(item["key"])[:64] if isinstance(item, Mapping) and "key" in item else None
                note(session, route.bulk_of.audited, outcome="refused", reason=refusal.code, subject=subject)
            problem = problem_document(refusal)
            results.append({"index": index, "status": refusal.status, "body": None, "problem": problem})
    return {"status": 200, "body": {"results": results}, "headers": {}}
