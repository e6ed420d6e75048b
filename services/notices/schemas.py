"""Notices as the API takes and shows them."""

from __future__ import annotations

from marshmallow import fields

from services.notices.domain import NOTICE_LIFECYCLE
from shared.http.fields.aggregates import AggregateView
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Choice, FreeTextField, Schema, Text, count, revision_of
from shared.http.fields.texts import Lines
from shared.http.fields.times import Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress


class NoticeDraft(Schema):
    """A new notice."""

    title_zh = Text(200, required=True)
    title_en = Text(200, load_default=None, allow_none=True)
    text = Lines(20_000, required=True)
    addressees = fields.List(TenantAddress(), required=True, validate=count(1, 400))
    attachments = fields.List(fields.Nested(AttachmentSchema), load_default=list, validate=count(0, 20))


@revision_of(NoticeDraft)
class NoticeRevision(Amendment):
    """What changes in a draft; the rest stays."""


class NoticeFilter(PageFilter):
    """Which notices to list."""

    state = Choice(NOTICE_LIFECYCLE.states)
    home = TenantAddress()
    unread = fields.Boolean()
    q = Text(100)


class ReadingSchema(Schema):
    """An addressee that has confirmed reading, and when."""

    tenant = Reference("tenant")
    read_at = Instant()


class NoticeView(AggregateView):
    """A notice as its home and every addressee see it."""

    id = Reference("notice")
    title_zh = fields.String()
    title_en = fields.String(allow_none=True)
    text = fields.String()
    state = Choice(NOTICE_LIFECYCLE.states)
    addressees = fields.List(Reference("tenant"))
    attachments = fields.List(fields.Nested(AttachmentSchema))
    readings = fields.List(fields.Nested(ReadingSchema))
    unread = fields.List(Reference("tenant"))
    published_at = Instant(allow_none=True)
    reason = FreeTextField(2000, allow_none=True)
