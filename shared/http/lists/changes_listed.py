"""What changed, newest first, over all things that this tenant keeps or has copies of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import ColumnElement, and_, or_, select, true

from events.catalog import summary
from shared.database.pages import Order, Page, PageRequest, at_or_after, in_order
from shared.database.rows import AGGREGATES, Aggregate
from shared.http.fields.references import Reference
from shared.http.fields.strict import BilingualSchema, Schema
from shared.http.fields.times import Instant, Moment
from shared.http.lists.history import ActorSchema
from shared.http.lists.pages import PageFilter
from shared.journal.entries import JournalRow
from shared.journal.session import Session

ORDER = Order(
    {"recorded_at": JournalRow.recorded_at}, "-recorded_at",
    (JournalRow.aggregate_id, JournalRow.epoch, JournalRow.version), at_or_after(JournalRow.recorded_at),
)  # fmt: skip
"""As they came to be known here; what is known since the same moment stands together."""


class ChangeFilter(PageFilter):
    """Which changes: what came after a moment, of a kind, of one thing, by oneself, by other tenants."""

    since = Moment(load_default=None)
    kind = fields.String(load_default=None)
    aggregate = fields.UUID(load_default=None)
    by_others = fields.Boolean(load_default=None)
    mine = fields.Boolean(load_default=None)


class ChangeView(Schema):
    """One change of a thing: its kind, the line of its timeline, who acted for which tenant, and when.

    `within` is the thing that it is a part of; `at` when its home says it happened, `recorded_at` when it became known
    here.
    """

    id = Reference(by="kind", required=True)
    kind = fields.String(required=True)
    home = Reference("tenant", required=True)
    type = fields.String(required=True)
    summary = fields.Nested(BilingualSchema, required=True)
    revision = fields.Integer(required=True, allow_none=True)
    within = Reference(required=True, allow_none=True)
    actor = fields.Nested(ActorSchema, required=True)
    at = Instant(required=True)
    recorded_at = Instant(required=True)
    epoch = fields.Integer(required=True)
    version = fields.Integer(required=True)


def told_kinds() -> dict[str, type[Aggregate]]:
    """Every kind of thing whose changes people are told of."""
    return {name: kind for name, kind in AGGREGATES.items() if not kind.untold}


def changes(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """Those of things that the reader may read; to people of one organisation those of its own alone."""
    row, context = JournalRow, session.context
    by_self = and_(~row.by_others, row.actor_id == context.actor_id)
    known: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
        "since": lambda value: row.recorded_at > value,
        "kind": lambda value: row.kind == value,
        "aggregate": lambda value: row.aggregate_id == value,
        "by_others": lambda value: and_(row.by_others) if value else ~row.by_others,
        "mine": lambda value: by_self if value else ~by_self,
    }
    conditions = [known[name](value) for name, value in filters.items() if value is not None]
    query = select(row).where(*conditions, _readable(session))
    return in_order(session, query, order=ORDER, paging=paging)


def _readable(session: Session) -> ColumnElement[bool]:
    """Of kinds whose service the reader may read; an organisation's people see what its own rows show to be theirs."""
    kinds = {name: kind for name, kind in told_kinds().items() if _scope(name) in session.context.scopes}
    if session.context.scope == "tenant":
        return JournalRow.kind.in_(sorted(kinds))
    own: list[ColumnElement[bool]] = []
    for name, kind in sorted(kinds.items()):
        whose = getattr(kind, "organisation_id", None)
        if whose is not None:
            theirs = select(kind.id).where(whose == session.context.organisation_id)
            own.append(and_(JournalRow.kind == name, JournalRow.aggregate_id.in_(theirs)))
    return or_(~true(), *own)


def _scope(kind: str) -> str:
    return f"{kind.partition('.')[0]}:read"


def present_changes(_session: Session, rows: Sequence[JournalRow]) -> list[dict[str, Any]]:
    """What the view shows."""
    return [
        {
            "id": row.aggregate_id,
            "kind": row.kind,
            "home": entry["home"],
            "type": row.type,
            "summary": summary(row.type, row.state),
            "revision": row.state.get("revision"),
            "within": _whole(row),
            "actor": entry["actor"],
            "at": row.occurred_at,
            "recorded_at": row.recorded_at,
            "epoch": row.epoch,
            "version": row.version,
        }
        for row, entry in ((row, json.loads(row.entry)) for row in rows)
    ]


def _whole(row: JournalRow) -> UUID | None:
    kind = AGGREGATES.get(row.kind)
    beside = kind.beside if kind else None
    return UUID(row.state[beside.column]) if beside else None
