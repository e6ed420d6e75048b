"""Duty tables of parks, and the matters that are answered by them, as the API takes and shows them."""

from __future__ import annotations

from marshmallow import fields

from services.requests.domain.matters import DUTY_REVISION_LIFECYCLE, MATTERS
from services.requests.schemas.cases import AnswerSchema, GivenMaterialSchema
from services.requests.schemas.items import MOST_FIELDS, MOST_MATERIALS
from shared.http.countersigned import CountersignedView, SignByDraft, ToSignFilter
from shared.http.fields.aggregates import AggregateView, VersionView
from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Choice, FreeTextField, Schema, Text, count, revision_of
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress

MOST_MATTERS = 20


class DutyTableDraft(Schema):
    """The park whose duty table begins."""

    park = Reference("park", required=True)


class DutyTableFilter(PageFilter):
    """Which tables to list."""

    park = Reference("park")


class DutyTableView(AggregateView):
    """The duty table of a park: what its revisions belong to."""

    id = Reference("duty_table")
    park = Reference("park", attribute="park_id")
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    next_revision = fields.Integer()


class AnsweringSchema(Schema):
    """Which party, and which unit of it, answers a kind of matter."""

    kind = Choice(MATTERS, required=True)
    tenant = TenantAddress(required=True)
    unit = Text(100, required=True)


class AnsweringView(Schema):
    """The same as it stands there."""

    kind = Choice(MATTERS)
    tenant = Reference("tenant")
    unit = fields.String()


class DutyRevisionDraft(SignByDraft):
    """A proposed revision: each kind of matter once."""

    matters = fields.List(fields.Nested(AnsweringSchema), required=True, validate=count(1, MOST_MATTERS))
    effective_from = Day(required=True)


@revision_of(DutyRevisionDraft, without=("sign_by",))
class DutyRevisionAmendment(Amendment):
    """What changes in a proposed revision; signatures become void."""


class DutyRevisionFilter(ToSignFilter):
    """Which revisions to list."""

    state = Choice(DUTY_REVISION_LIFECYCLE.states)


class DutyRevisionView(CountersignedView, VersionView):
    """A revision of a park's duty table, and who has signed it."""

    id = Reference("duty_revision")
    table = Reference("duty_table", attribute="table_id")
    park = Reference("park", attribute="park_id")
    revision = fields.Integer()
    state = Choice(DUTY_REVISION_LIFECYCLE.states)
    matters = fields.List(fields.Nested(AnsweringView))
    effective_from = Day()
    reason = FreeTextField(2000, allow_none=True)
    created_at = Instant()
    updated_at = Instant()


class MatterDraft(Schema):
    """A matter of a park, raised for one's tenant or for an organisation of it."""

    park = Reference("park", required=True)
    kind = Choice(MATTERS, required=True)
    organisation = Reference("organisation", load_default=None, allow_none=True)
    applicant = FreeTextField(200, required=True)
    answers = fields.List(fields.Nested(AnswerSchema), load_default=list, validate=count(0, MOST_FIELDS))
    materials = fields.List(fields.Nested(GivenMaterialSchema), load_default=list, validate=count(0, MOST_MATERIALS))
