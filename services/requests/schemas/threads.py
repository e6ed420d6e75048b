"""What is done with a case inside one jurisdiction, what is said about it, and how it went."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.requests.domain.questions import ANSWER_KINDS
from services.requests.schemas.items import MOST_CHOICES
from shared.http.fields.aggregates import AggregateView
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.references import ActorReference, Reference
from shared.http.fields.strict import Choice, FreeTextField, Schema, Text, Whole, count
from shared.http.fields.texts import Lines
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter


class HandOverDraft(Schema):
    """To which colleague."""

    to = Reference("user", required=True)


class FollowUpDraft(Schema):
    """On which day one looks at it again; on none where it is left out."""

    on = Day(load_default=None, allow_none=True)


class AnswerChoiceSchema(Schema):
    """One thing that may be chosen."""

    zh = Text(100, required=True)
    en = Text(200, load_default=None, allow_none=True)


class QuestionDraft(Schema):
    """Which kind of answer a message asks for, and how it asks in English."""

    kind = Choice(ANSWER_KINDS, required=True)
    choices = fields.List(fields.Nested(AnswerChoiceSchema), load_default=list, validate=count(0, MOST_CHOICES))
    english = FreeTextField(5000, load_default=None, allow_none=True)


class QuestionView(Schema):
    """Which kind of answer a message asks for, and how it asks in English."""

    kind = Choice(ANSWER_KINDS)
    choices = fields.List(fields.Nested(AnswerChoiceSchema))
    english = fields.String(allow_none=True)


def people() -> fields.List[Any]:
    """Colleagues who are to read it; told to nobody else."""
    return fields.List(Reference("user", required=True), load_default=list, validate=count(0, 10))


class MessageFilter(PageFilter):
    """Which messages of a thread to list."""

    unanswered = fields.Boolean()


class MessageDraft(Schema):
    """What is said to all parties of a case."""

    text = FreeTextField(5000, required=True)
    attachments = fields.List(fields.Nested(AttachmentSchema), load_default=list, validate=count(0, 10))
    question = fields.Nested(QuestionDraft, load_default=None, allow_none=True)
    answers = Reference("message", load_default=None, allow_none=True)
    mentions = people()


class MessageView(AggregateView):
    """A message in the thread of a case."""

    id = Reference("message")
    case = Reference("case", attribute="case_id")
    by_applicant = fields.Boolean()
    text = fields.String(allow_none=True)
    attachments = fields.List(fields.Nested(AttachmentSchema))
    question = fields.Nested(QuestionView, allow_none=True)
    answers = Reference("message", allow_none=True)


class NoteDraft(Schema):
    """What is said to one's own colleagues."""

    text = Lines(5000, required=True)
    mentions = people()


class MentionView(Schema):
    """That a colleague wants one to read a message, or a note where none is named."""

    case = Reference("case", attribute="case_id")
    message = Reference("message", attribute="message_id", allow_none=True)
    author = ActorReference()
    created_at = Instant()


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
