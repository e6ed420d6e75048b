"""The two pages of a thing's history: what happened to it, and how far each party has come with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from marshmallow import fields

from shared.broadcasts.lines import IN_STEP, REASONS, lines_to
from shared.database.pages import Page, PageRequest
from shared.evidence.histories import Of
from shared.evidence.timeline import timeline
from shared.http.fields.references import ActorReference, Reference, SayingObject
from shared.http.fields.strict import BilingualSchema, Choice, Schema
from shared.http.fields.times import Instant
from shared.journal.progress import HELD, PARKED
from shared.journal.session import Session
from shared.replication.delivery import STATUSES, delivery


class ActorSchema(Schema):
    """Who acted: a tenant and an opaque id."""

    tenant = Reference("tenant")
    id = ActorReference(of="tenant")


class TimelineView(Schema):
    """One journal entry; `texts` resolves the digests in `change`, null where a text has been erased.

    `revision` is the number of a part that counts its revisions.
    """

    at = Instant()
    aggregate = Reference(by="kind")
    kind = fields.String()
    revision = fields.Integer(allow_none=True)
    epoch = fields.Integer()
    version = fields.Integer()
    type = fields.String()
    summary = fields.Nested(BilingualSchema)
    actor = fields.Nested(ActorSchema)
    via_command = fields.UUID(allow_none=True)
    change = SayingObject(keys=fields.String())
    texts = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))
    entry_hash = fields.String()


class PartyProgressSchema(Schema):
    """How far one party has come; `lag` is the number of versions it lacks, `line` why they are not there yet."""

    tenant = Reference("tenant")
    status = Choice(STATUSES)
    epoch = fields.Integer(allow_none=True)
    version = fields.Integer(allow_none=True)
    lag = fields.Integer()
    reason = fields.String(allow_none=True)
    line = Choice(REASONS)
    applied_at = Instant(allow_none=True)


class PartyStatusSchema(Schema):
    """What became of one version at one party."""

    tenant = Reference("tenant")
    status = Choice(STATUSES)


class VersionDeliverySchema(Schema):
    """One recent version and what became of it at each party."""

    version = fields.Integer()
    epoch = fields.Integer()
    type = fields.String()
    at = Instant()
    parties = fields.List(fields.Nested(PartyStatusSchema))


class AggregateDeliverySchema(Schema):
    """The thing or a part of it: newest version here, progress of the parties, recent versions."""

    aggregate = Reference(by="kind")
    kind = fields.String()
    revision = fields.Integer(allow_none=True)
    epoch = fields.Integer()
    version = fields.Integer()
    parties = fields.List(fields.Nested(PartyProgressSchema))
    recent = fields.List(fields.Nested(VersionDeliverySchema))


class DeliveryView(Schema):
    """The thing first, then its parts, newest first; `note` says where to look for more."""

    home = Reference("tenant")
    complete = fields.Boolean()
    note = fields.Nested(BilingualSchema)
    aggregates = fields.List(fields.Nested(AggregateDeliverySchema))


def timeline_of(of: Of) -> Callable[..., Page]:
    """Lists what happened to the thing and its parts, newest first."""

    def listed(session: Session, _filters: dict[str, Any], *, paging: PageRequest, key: UUID) -> Page:
        return timeline(session, of(session, key), paging=paging)

    return listed


def delivery_of(of: Of) -> Callable[..., dict[str, Any]]:
    """Shows how far each party has come with the thing and its parts, and why what is late is late."""

    def shown(session: Session, key: UUID) -> dict[str, Any]:
        rows = of(session, key)
        found = delivery(session, rows)
        here, homes = session.context.tenant_id, {row.id: row.home_id for row in rows}
        told = [(part["aggregate"], party) for part in found["aggregates"] for party in part["parties"]]
        # What is late here came late from its home.
        others = [homes[key] if party["tenant"] == here else party["tenant"] for key, party in told]
        lines = lines_to(session, others)
        for other, (_key, party) in zip(others, told, strict=True):
            is_late = party["status"] != "applied"
            held = party["status"] in (HELD, PARKED)
            party["line"] = lines[other].reason_of(is_held=held) if is_late and other in lines else IN_STEP
        return found

    return shown
