"""How each other tenant stands with which this one shares things, as it is listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields

from shared.broadcasts.lines import REASONS, Standing, standings
from shared.database.pages import Order, Page, PageRequest, of_known
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, Schema
from shared.http.fields.times import Instant
from shared.journal.session import Session

ORDER = Order({"code": "code", "reason": "reason"}, "code", ("code",))


class LineView(Schema):
    """One tenant: why something is late, what it has not confirmed, what of its things does not advance here."""

    tenant = Reference("tenant", required=True)
    code = fields.String(required=True)
    reason = Choice(REASONS, required=True)
    unconfirmed = fields.Integer(required=True)
    waiting_versions = fields.Integer(required=True)
    waiting_since = Instant(required=True, allow_none=True)
    confirmed_at = Instant(required=True, allow_none=True)
    held = fields.Integer(required=True)
    missing = fields.Integer(required=True)
    held_since = Instant(required=True, allow_none=True)
    cell = fields.String(required=True)
    is_here = fields.Boolean(required=True)
    heard_at = Instant(required=True, allow_none=True)
    clock_ahead = fields.Float(required=True, allow_none=True)
    key = fields.String(required=True, allow_none=True)
    key_is_current = fields.Boolean(required=True)


def lines(session: Session, _filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """Every tenant with which this one shares things, by code; people of one organisation are told of none."""
    found = standings(session) if session.context.scope == "tenant" else []
    return of_known(found, order=ORDER, paging=paging)


def present_lines(_session: Session, rows: Sequence[Standing]) -> list[dict[str, Any]]:
    """What the view shows."""
    return [
        {
            **vars(row),
            "code": row.code,
            "reason": row.reason,
            "cell": row.listing.cell,
            "key": row.key.id if row.key else None,
            "key_is_current": row.key is not None,
        }
        for row in rows
    ]
