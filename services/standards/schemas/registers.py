"""Released standards and accredited bodies as anybody sees them."""

from __future__ import annotations

from marshmallow import fields

from services.standards.domain.lifecycles import BODY_LIFECYCLE, STANDARD_LIFECYCLE
from services.standards.domain.projects import KINDS
from services.standards.schemas.bodies import GrantView
from services.standards.schemas.projects import IssuerSchema, RequirementSchema
from services.standards.schemas.standards import EndSchema, SpellSchema
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, Schema
from shared.http.fields.times import Day, Instant


class PublicStandardLine(Schema):
    """A released standard in a list: `tenant` leads, all `numbers` name the one text, whose files anybody may have."""

    id = Reference("standard")
    tenant = Reference("tenant")
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
    text = fields.List(fields.Nested(AttachmentSchema))
    updated_at = Instant()


class PublicStandardView(PublicStandardLine):
    """A released standard with what it asks for, what it replaces, and its end where one is decided."""

    sheet = fields.List(fields.Nested(RequirementSchema))
    spells = fields.List(fields.Nested(SpellSchema))
    replaces = fields.List(Reference("standard"))
    ends = fields.Nested(EndSchema, allow_none=True)


class PublicBodyView(Schema):
    """A conformity body: who accredited it, for what, and how it stands."""

    id = Reference("body")
    home = Reference("tenant", attribute="tenant")
    state = Choice(BODY_LIFECYCLE.states)
    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    grants = fields.List(fields.Nested(GrantView))
    updated_at = Instant()
