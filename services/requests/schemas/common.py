"""Common sheets as the API takes and shows them, with what differs at each tenant."""

from __future__ import annotations

from marshmallow import fields

from services.requests.domain.common import COMMON_LIFECYCLE, FIELDS
from services.requests.domain.items import CATEGORIES, ITEM_LIFECYCLE
from services.requests.schemas.items import SheetSchema
from shared.http.countersigned import CountersignedView, SignByDraft, ToSignFilter
from shared.http.fields.aggregates import AggregateView, VersionView
from shared.http.fields.references import Reference, Saying
from shared.http.fields.strict import Amendment, Choice, FreeTextField, Schema, Text, count, revision_of
from shared.http.fields.texts import Lines
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress

MOST_PARTIES = 40


class CommonSheetDraft(Schema):
    """A service that several tenants are going to offer by one sheet."""

    name_zh = Text(200, required=True)
    name_en = Text(200, load_default=None, allow_none=True)
    category = Choice(CATEGORIES, required=True)
    parties = fields.List(TenantAddress(), required=True, validate=count(1, MOST_PARTIES))


class CommonSheetFilter(PageFilter):
    """Which common sheets to list."""

    category = Choice(CATEGORIES)


class DifferenceView(Schema):
    """One field that differs: what the common sheet says, what counts here, and why."""

    path = fields.String()
    common = Saying(allow_none=True)
    local = Saying(allow_none=True)
    reason = fields.String(allow_none=True)


class FollowerView(Schema):
    """What counts at one of the tenants that offer the service: its item, and where that differs."""

    tenant = Reference("tenant")
    item = Reference("item")
    state = Choice(ITEM_LIFECYCLE.states)
    revision = fields.Integer()
    differences = fields.List(fields.Nested(DifferenceView))
    effective = fields.Nested(SheetSchema)


class CommonSheetView(AggregateView):
    """A common sheet: what all have signed, and what counts at each of them."""

    id = Reference("common_sheet")
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    category = Choice(CATEGORIES)
    parties = fields.List(Reference("tenant"), attribute="party_ids")
    next_revision = fields.Integer()
    in_force = fields.Integer(allow_none=True)
    common = fields.Nested(SheetSchema, allow_none=True)
    followers = fields.List(fields.Nested(FollowerView))


class CommonRevisionDraft(SignByDraft):
    """A proposed revision."""

    sheet = fields.Nested(SheetSchema, required=True)
    effective_from = Day(required=True)


@revision_of(CommonRevisionDraft, without=("sign_by",))
class CommonRevisionAmendment(Amendment):
    """What changes in a proposed revision; signatures become void."""


class CommonRevisionFilter(ToSignFilter):
    """Which revisions to list."""

    state = Choice(COMMON_LIFECYCLE.states)


class CommonRevisionView(CountersignedView, VersionView):
    """A revision of a common sheet, and who has signed it."""

    id = Reference("common_revision")
    common = Reference("common_sheet", attribute="common_id")
    revision = fields.Integer()
    state = Choice(COMMON_LIFECYCLE.states)
    sheet = fields.Nested(SheetSchema)
    effective_from = Day()
    reason = FreeTextField(2000, allow_none=True)
    created_at = Instant()
    updated_at = Instant()


@revision_of(SheetSchema)
class LocalSheetSchema(Amendment):
    """What differs here: these fields in place of the common ones."""


class DifferenceReasonSchema(Schema):
    """Why a field differs."""

    field = Choice(FIELDS, required=True)
    reason = Lines(500, required=True)


class FollowDraft(Schema):
    """The common sheet, and all that differs here, each with its reason."""

    common = Reference("common_sheet", required=True)
    local = fields.Nested(LocalSheetSchema, load_default=dict)
    reasons = fields.List(fields.Nested(DifferenceReasonSchema), load_default=list, validate=count(0, len(FIELDS)))
