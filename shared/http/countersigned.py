"""What several tenants sign, as an API takes and shows it."""

from __future__ import annotations

from marshmallow import fields

from shared.http.fields.attachments import sha256
from shared.http.fields.references import ActorReference, Reference
from shared.http.fields.strict import Schema
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter


class SignatureDraft(Schema):
    """The hash of the content one has read and agrees to."""

    content_hash = sha256(required=True)


class SignByDraft(Schema):
    """By which day all are to sign; none if left out. It is no part of what is signed."""

    sign_by = Day(load_default=None, metadata={"description": "签署期限(可不填) / Day to sign by, if any"})


class SignByView(Schema):
    """By which day all are to sign, and when they were last reminded."""

    sign_by = Day(allow_none=True)
    reminded_at = Instant(allow_none=True)


class ToSignFilter(PageFilter):
    """Whether it is to be signed by the caller's tenant."""

    to_sign = fields.Boolean(metadata={"description": "待本辖区签署 / To be signed by your tenant"})


class SignatureSchema(Schema):
    """A signature as it was given."""

    tenant = Reference("tenant")
    content_hash = fields.String()
    signed_at = Instant()
    actor = ActorReference(of="tenant")


class CountersignedView(SignByView):
    """A content that several tenants sign, and who has signed it."""

    content_hash = fields.String()
    proposer = Reference("tenant")
    signatures = fields.List(fields.Nested(SignatureSchema))
    missing_signatures = fields.List(Reference("tenant"))
    refused_by = Reference("tenant", allow_none=True)
