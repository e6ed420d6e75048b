"""What is done with a case inside one jurisdiction, what is said about it, and how it went."""

from __future__ import annotations

from marshmallow import fields

from shared.http.fields.aggregates import AggregateView
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.references import ActorReference, Reference
from shared.http.fields.strict import FreeTextField, Schema, Whole, count
from shared.http.fields.texts import Lines
from shared.http.fields.times import Day, Instant


class HandOverDraft(Schema):
    """To which colleague."""

    to = Reference("user", required=True)


class FollowUpDraft(Schema):
    """On which day one looks at it again; on none where it is left out."""

    on = Day(load_default=None, allow_none=True)


class MessageDraft(Schema):
    """What is said to all parties of a case."""

    text = FreeTextField(5000, required=True)
    attachments = fields.List(fields.Nested(AttachmentSchema), load_default=list, validate=count(0, 10))


class MessageView(AggregateView):
    """A message in the thread of a case."""

    id = Reference("message")
    case = Reference("case", attribute="case_id")
    by_applicant = fields.Boolean()
    text = fields.String(allow_none=True)
    attachments = fields.List(fields.Nested(AttachmentSchema))


class NoteDraft(Schema):
    """What is said to one's own colleagues."""

    text = Lines(5000, required=True)


class NoteView(Schema):
    """A note of one's own jurisdiction."""

    case = Reference("case", attribute="case_id")
    author = ActorReference()
    text = fields.String()
    created_at = Instant()


class RatingDraft(Schema):
    """How it went, from 1 to 5, and why."""

    score = Whole(1, 5, required=True)
    reason = FreeTextField(2000, required=True)


class ReplyDraft(Schema):
    """What the side that was rated answers."""

    reply = FreeTextField(2000, required=True)
