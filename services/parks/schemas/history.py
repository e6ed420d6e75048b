"""What happened to a park, and how far each party has come with it, as the API shows it."""

from __future__ import annotations

from marshmallow import fields

from services.parks.domain.delivery import STATUSES
from services.parks.schemas.common import BilingualSchema
from shared.http.fields import Choice, Instant, Schema


class ActorSchema(Schema):
    """Who acted: a tenant and an opaque id."""

    tenant = fields.UUID()
    id = fields.String()


class TimelineView(Schema):
    """One journal entry; `texts` resolves the digests in `change`, null where a text has been erased."""

    at = Instant()
    aggregate = fields.UUID()
    kind = fields.String()
    revision = fields.Integer(allow_none=True)
    epoch = fields.Integer()
    version = fields.Integer()
    type = fields.String()
    summary = fields.Nested(BilingualSchema)
    actor = fields.Nested(ActorSchema)
    via_command = fields.UUID(allow_none=True)
    change = fields.Dict(keys=fields.String())
    texts = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))
    entry_hash = fields.String()


class PartyProgressSchema(Schema):
    """How far one party has come; `lag` is the number of versions it lacks."""

    tenant = fields.UUID()
    status = Choice(STATUSES)
    epoch = fields.Integer(allow_none=True)
    version = fields.Integer(allow_none=True)
    lag = fields.Integer()
    reason = fields.String(allow_none=True)
    applied_at = Instant(allow_none=True)


class PartyStatusSchema(Schema):
    """What became of one version at one party."""

    tenant = fields.UUID()
    status = Choice(STATUSES)


class VersionDeliverySchema(Schema):
    """One recent version and what became of it at each party."""

    version = fields.Integer()
    epoch = fields.Integer()
    type = fields.String()
    at = Instant()
    parties = fields.List(fields.Nested(PartyStatusSchema))


class AggregateDeliverySchema(Schema):
    """The park, or a revision of its agreement: newest version here, progress of the parties, recent versions."""

    aggregate = fields.UUID()
    kind = fields.String()
    revision = fields.Integer(allow_none=True)
    epoch = fields.Integer()
    version = fields.Integer()
    parties = fields.List(fields.Nested(PartyProgressSchema))
    recent = fields.List(fields.Nested(VersionDeliverySchema))


class DeliveryView(Schema):
    """The park first, then revisions of its agreement, newest first; `note` says where to look for more."""

    home = fields.UUID()
    complete = fields.Boolean()
    note = fields.Nested(BilingualSchema)
    aggregates = fields.List(fields.Nested(AggregateDeliverySchema))
