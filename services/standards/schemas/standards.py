"""Released standards, their differences and their end as the API takes and shows them."""

from __future__ import annotations

from marshmallow import fields

from services.standards.domain.differences import VERDICTS
from services.standards.domain.lifecycles import STANDARD_LIFECYCLE
from services.standards.domain.projects import KINDS
from services.standards.schemas.projects import IssuerSchema, RequirementSchema
from shared.http.fields.aggregates import VersionView
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, FreeTextField, Schema, Text
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress


class StandardFilter(PageFilter):
    """Which standards to list; `number` is exact, from any issuer, `tenant` one of the issuers.

    `joint` are those of several issuers.
    """

    number = Identifier("standard_number")
    subject = Text(100)
    state = Choice(STANDARD_LIFECYCLE.states)
    tenant = TenantAddress()
    joint = fields.Boolean()
    q = Text(100)


class EndSchema(Schema):
    """How and when it ends, who has agreed, and what replaces it; decided, and undone, once all issuers agree."""

    state = Choice(("superseded", "withdrawn"))
    on = Day()
    agreed = fields.List(Reference("tenant"))
    restoring = fields.List(Reference("tenant"))
    by = Reference("standard", allow_none=True)


class SpellSchema(Schema):
    """A state and since when; it lasts until the next one."""

    state = Choice(STANDARD_LIFECYCLE.states)
    since = Instant(attribute="from", data_key="from")


class StandardLine(VersionView):
    """A standard as it stands in a list: `tenant` leads, all `numbers` name the one text."""

    id = Reference("standard")
    tenant = Reference("tenant")
    entry_hash = fields.String()
    state = Choice(STANDARD_LIFECYCLE.states)
    kind = Choice(KINDS)
    title_zh = fields.String()
    title_en = fields.String(allow_none=True)
    subject = fields.String()
    numbers = fields.List(fields.String())
    issuers = fields.List(fields.Nested(IssuerSchema))
    content_hash = fields.String()
    released_at = Instant()
    effective_from = Day()
    ends = fields.Nested(EndSchema, allow_none=True)


class StandardView(StandardLine):
    """A released standard as everybody sees it; the reason is for its issuers."""

    text = fields.List(fields.Nested(AttachmentSchema))
    sheet = fields.List(fields.Nested(RequirementSchema))
    spells = fields.List(fields.Nested(SpellSchema))
    replaces = fields.List(Reference("standard"))
    project = Reference("project", attribute="project_id")
    reason = fields.String(allow_none=True)


class WithdrawalDraft(Schema):
    """From the beginning of which day it is to count no more, and why."""

    effective_on = Day(required=True)
    reason = FreeTextField(2000, required=True)


class DifferenceFilter(Schema):
    """Which two standards to compare."""

    left = Reference("standard", required=True)
    right = Reference("standard", required=True)


class SideSchema(Schema):
    """One of the two, as it was compared."""

    id = Reference("standard")
    etag = fields.String()
    state = Choice(STANDARD_LIFECYCLE.states)
    title_zh = fields.String()
    subject = fields.String()
    numbers = fields.List(fields.String())
    content_hash = fields.String()


class DifferenceSchema(Schema):
    """What both ask of one parameter; a side is null where it asks nothing."""

    parameter = fields.String()
    verdict = Choice(VERDICTS)
    left = fields.Nested(RequirementSchema, allow_none=True)
    right = fields.Nested(RequirementSchema, allow_none=True)
    only_left_materials = fields.List(fields.String())
    only_right_materials = fields.List(fields.String())


class DifferencesView(Schema):
    """Two requirement sheets side by side; `same_subject` says whether they can be merged into one."""

    left = fields.Nested(SideSchema)
    right = fields.Nested(SideSchema)
    same_subject = fields.Boolean()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    rows = fields.List(fields.Nested(DifferenceSchema))
