"""Views of the audit log."""

from __future__ import annotations

from marshmallow import fields

from shared.http.fields.references import ActorReference, Reference, Saying, SayingObject, SayingText
from shared.http.fields.strict import BilingualSchema, Choice, Schema, Text, WholeInQuery
from shared.http.fields.times import Instant, Moment
from shared.http.lists.pages import PageFilter

LARGEST_EXPORT = 1000
OUTCOMES = ("done", "refused")


class AuditFilter(PageFilter):
    """Which records to list."""

    act = Text(80, load_default=None)
    actor = Text(200, load_default=None)
    subject = Text(200, load_default=None)
    outcome = Choice(OUTCOMES, load_default=None)
    since = Moment(load_default=None, data_key="from")
    until = Moment(load_default=None)


class RecordView(Schema):
    """A record at its position in the chain; `actor_name` as it was then, `names` as they are now, until erased."""

    position = fields.Integer(required=True)
    act = fields.String(required=True)
    title = fields.Nested(BilingualSchema, required=True)
    outcome = Choice(OUTCOMES, required=True)
    actor = ActorReference(required=True)
    actor_name = fields.Nested(BilingualSchema, required=True)
    organisation = Reference("organisation", required=True, allow_none=True)
    subject = SayingText(required=True, allow_none=True)
    before = Saying(required=True, allow_none=True)
    after = Saying(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    correlation = fields.String(required=True)
    at = Instant(required=True)
    hash = fields.String(required=True)


class ExportQuery(Schema):
    """Where an export begins and how long it is."""

    first = WholeInQuery(1, 2**53, load_default=1)
    most = WholeInQuery(1, LARGEST_EXPORT, load_default=LARGEST_EXPORT)


class ExportView(Schema):
    """A file that anybody can verify offline with public keys alone (`xietong audit verify`)."""

    format = fields.String(required=True)
    exported_at = fields.String(required=True)
    tenant = Reference("tenant", required=True)
    platform_key = fields.String(required=True)
    directory = fields.List(fields.Dict(), required=True)
    records = fields.List(SayingObject(), required=True)


class ActView(Schema):
    """One kind of act."""

    name = fields.String(required=True)
    name_zh = fields.String(required=True, attribute="zh")
    name_en = fields.String(required=True, attribute="en")
