"""What waits for somebody, as it is listed: for whoever reads, for their tenant, for others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import ColumnElement, and_, or_, select

from shared.database.pages import Order, Page, PageRequest, at_or_after, in_order
from shared.database.rows import AGGREGATES, Aggregate
from shared.http.fields.references import TENANT as TENANT_KIND
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, Schema
from shared.http.fields.times import Instant
from shared.http.lists.pages import PageFilter
from shared.journal.session import Session
from shared.journal.work import ANSWER, COMMAND, NEVER, WorkRow, duties_of, kinds

ME, TENANT, OTHERS, OTHERS_ALONE = "me", "tenant", "others", "others_alone"
ORDER = Order(
    {"due": WorkRow.due, "since": WorkRow.since}, "due",
    (WorkRow.since, WorkRow.aggregate_id, WorkRow.action), at_or_after(WorkRow.updated_at),
)  # fmt: skip


class WorkFilter(PageFilter):
    """Whose work, and which: `me` is what one's own rights allow, `others` what other tenants have to do.

    `others_alone` leaves out what waits for one's own tenant too.
    """

    whose = Choice((ME, TENANT, OTHERS, OTHERS_ALONE), load_default=ME, data_key="for")
    kind = fields.String(load_default=None)
    action = fields.String(load_default=None)
    aggregate = Reference(load_default=None)
    overdue = fields.Boolean(load_default=None)


class WorkView(Schema):
    """A thing and the action it waits for; `due` is the moment from which on it is overdue: the end of its last day.

    `asked_by` is who made it wait; null where the thing itself is not shown to the reader.
    """

    id = Reference(by="kind", required=True, attribute="aggregate_id")
    kind = fields.String(required=True)
    name_zh = fields.String(required=True)
    name_en = fields.String(required=True, allow_none=True)
    url = fields.String(required=True)
    action = fields.String(required=True)
    action_zh = fields.String(required=True)
    action_en = fields.String(required=True)
    waits_for = fields.List(Reference(TENANT_KIND), required=True, attribute="parties")
    asked_by = Reference(TENANT_KIND, required=True, allow_none=True)
    since = Instant(required=True)
    due = Instant(required=True, allow_none=True)
    overdue = fields.Boolean(required=True)


def work(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """What waits, the first to be due first; to people of one organisation all who are not of it are others."""
    row, now, scopes = WorkRow, session.clock.now(), session.context.scopes
    here = row.by_organisation if session.context.organisation_id else ~row.by_organisation
    ours, theirs = and_(row.mine, here), or_(row.others, ~here)
    whose: Mapping[str, ColumnElement[bool]] = {
        ME: and_(ours, row.scope.in_(sorted(scopes))),
        TENANT: ours,
        OTHERS: theirs,
        OTHERS_ALONE: and_(theirs, ~ours),
    }
    known: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
        "whose": lambda value: whose[value],
        "kind": lambda value: row.kind == value,
        "action": lambda value: row.action == value,
        "aggregate": lambda value: row.aggregate_id == value,
        "overdue": lambda value: row.due <= now if value else row.due > now,
    }
    conditions = [known[name](value) for name, value in filters.items() if value is not None]
    shown_by = {kind: ANSWER.scope if kind == COMMAND else f"{kind.partition('.')[0]}:read" for kind in kinds()}
    readable = [kind for kind, scope in shown_by.items() if scope in scopes]
    return in_order(session, select(row).where(*conditions, row.kind.in_(readable)), order=ORDER, paging=paging)


def present_work(session: Session, rows: Sequence[WorkRow]) -> list[dict[str, Any]]:
    """What the view shows."""
    now = session.clock.now()
    kinds_shown = {row.kind for row in rows}
    names = {(kind, duty.action): duty for kind in kinds_shown for duty in duties_of(kind)}
    things: dict[UUID, Aggregate] = {}
    for name in kinds_shown - {COMMAND}:
        kind: Any = AGGREGATES[name]
        keys = [row.aggregate_id for row in rows if row.kind == name]
        things |= {thing.id: thing for thing in session.scalars(select(kind).where(kind.id.in_(keys)))}

    def asked_by(row: WorkRow) -> UUID | None:
        if row.kind == COMMAND:
            return session.context.tenant_id
        return things[row.aggregate_id].asked_by(row.action) if row.aggregate_id in things else None

    return [
        {
            **{name: value for name, value in vars(row).items() if not name.startswith("_")},
            "action_zh": names[row.kind, row.action].zh,
            "action_en": names[row.kind, row.action].en,
            "asked_by": asked_by(row),
            "due": None if row.due == NEVER else row.due,
            "overdue": row.due <= now,
        }
        for row in rows
    ]
