"""What every view of an aggregate shows: where it is at home, in which version it is, and what may be done to it."""

from __future__ import annotations

from marshmallow import fields

from shared.http.fields.references import Reference
from shared.http.fields.strict import Schema
from shared.http.fields.times import Instant


class VersionView(Schema):
    """A thing in one of its versions; a view says of what kind `id` is."""

    id = Reference()
    version = fields.Integer()
    epoch = fields.Integer()
    etag = fields.String()
    allowed_actions = fields.List(fields.String())


class AggregateView(VersionView):
    """A thing with its home, since when it is there, and when it was last changed."""

    home = Reference("tenant", attribute="home_id")
    created_at = Instant()
    updated_at = Instant()
