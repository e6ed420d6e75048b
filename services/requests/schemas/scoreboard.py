"""The scoreboard as the API takes and shows it."""

from __future__ import annotations

from marshmallow import fields

from services.requests.domain.scores import LIGHTS
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, DecimalString, Schema
from shared.http.fields.times import Day

ROLES = ("handler", "home")


def per_cent() -> DecimalString:
    """A share in per cent, with one decimal."""
    return DecimalString(1, minimum="0", maximum="100", allow_none=True)


class ScoreboardFilter(Schema):
    """Of which days, and by whom."""

    since = Day(required=True)
    until = Day(required=True)
    role = Choice(ROLES, load_default="handler")


class ScoreView(Schema):
    """One jurisdiction and one item; shares are of what was accepted and of what was decided."""

    tenant = Reference("tenant")
    item = Reference("item")
    cases = fields.Integer()
    accepted = fields.Integer()
    accepted_share = per_cent()
    decided = fields.Integer()
    decided_share = per_cent()
    dated = fields.Integer()
    dated_share = per_cent()
    average_days = DecimalString(1, minimum="0", maximum="100000", allow_none=True)
    refused = fields.Integer()
    overdue = fields.Integer()
    light = Choice(LIGHTS)


class ScoreboardView(Schema):
    """The scoreboard of these days, as far as the reader's tenant has the cases."""

    since = Day()
    until = Day()
    role = Choice(ROLES)
    rows = fields.List(fields.Nested(ScoreView))
    is_cut = fields.Boolean()
