"""Parts of a case as the API takes and shows them."""

from __future__ import annotations

from marshmallow import fields

from services.requests.domain.parts import FEWEST_PARTS, MOST_PARTS, PART_STATES
from services.requests.schemas.moves import ForwardView
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, FreeTextField, Schema, Whole, count
from shared.http.fields.times import Day, Instant
from shared.http.requests.tenants import TenantAddress

LARGEST_NUMBER = 99


class PartDraft(Schema):
    """To whom a part goes, what is to be done, and until when."""

    to = TenantAddress(required=True)
    task = FreeTextField(2000, required=True)
    due_on = Day(load_default=None, allow_none=True)


class SplitDraft(Schema):
    """The parts that a case is split into."""

    parts = fields.List(fields.Nested(PartDraft), required=True, validate=count(FEWEST_PARTS, MOST_PARTS))


class PartResultDraft(Schema):
    """What came of a part, with its files."""

    part = Whole(1, LARGEST_NUMBER, required=True)
    result = FreeTextField(2000, required=True)
    attachments = fields.List(fields.Nested(AttachmentSchema), load_default=list, validate=count(0, 10))


class PartReturnDraft(Schema):
    """Which part is not one's own to do, and why."""

    part = Whole(1, LARGEST_NUMBER, required=True)
    reason = FreeTextField(2000, required=True)


class PartMoveDraft(PartReturnDraft):
    """Which part goes to whom now, why, and until when."""

    to = TenantAddress(required=True)
    due_on = Day(load_default=None, allow_none=True)


class PartView(Schema):
    """A part of a case: whose it is, how far it has come, and what came of it."""

    part = fields.Integer()
    to = Reference("tenant")
    state = Choice(PART_STATES)
    task = fields.String(allow_none=True)
    asked_at = Instant()
    due_on = Day(allow_none=True)
    result = fields.String(allow_none=True)
    done_at = Instant(allow_none=True)
    attachments = fields.List(fields.Nested(AttachmentSchema))
    moves = fields.List(fields.Nested(ForwardView))
