"""How the platform stands, for anybody: which of its parts work, and when each was last seen to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session as OrmSession

from shared.broadcasts.heartbeats import last_returned
from shared.broadcasts.knowledge import known_states
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, Schema
from shared.http.fields.times import Instant
from shared.http.machine_routes import routes
from shared.http.requests import gate
from shared.http.resources import ResourceView

PATIENCE = timedelta(minutes=1)
"""A cell hears its own beat every second; after this long without one, what flows between tenants stands still."""


class PartView(Schema):
    """A part of the platform: nothing of what it is made of."""

    part = Choice(("api", "exchange", "registers"), required=True)
    works = fields.Boolean(required=True)
    seen_at = Instant(required=True, allow_none=True)


class HomeView(Schema):
    """Whether all that a tenant made public has arrived here, and until when that is known."""

    tenant = Reference("tenant", required=True)
    works = fields.Boolean(required=True)
    seen_at = Instant(required=True, allow_none=True)


class StatusView(Schema):
    """Each part and each tenant's line, as they were at one moment; `changes` were made public by all so far."""

    checked_at = Instant(required=True)
    parts = fields.List(fields.Nested(PartView), required=True)
    homes = fields.List(fields.Nested(HomeView), required=True)
    changes = fields.Integer(required=True)


def show_status(session: OrmSession) -> dict[str, Any]:
    """The one that answers works; the others are known by what they did last."""
    database = gate.database()
    now, beat = database.clock.now(), last_returned(session, database.settings)
    known = known_states(session, now=now)
    complete = [one.known_until for one in known if one.known_until is not None]
    parts = [
        {"part": "api", "works": True, "seen_at": now},
        {"part": "exchange", "works": beat is not None and now - beat <= PATIENCE, "seen_at": beat},
        {"part": "registers", "works": all(one.up_to_date for one in known), "seen_at": min(complete, default=None)},
    ]
    homes = [{"tenant": one.home, "works": one.up_to_date, "seen_at": one.known_until} for one in known]
    return {"checked_at": now, "parts": parts, "homes": homes, "changes": sum(one.position for one in known)}


routes.public(
    "/v1/public/status",
    show_status,
    shown=ResourceView(kind=dict, view=StatusView),
    of_register=True,
    summary="平台状态 / State of the platform",
)
