"""The duty table as the API takes and shows it."""

from __future__ import annotations

from marshmallow import fields

from services.requests.domain.duties import GROUNDS
from services.requests.domain.items import CATEGORIES
from shared.http.fields.references import ActorReference, Reference
from shared.http.fields.strict import Amendment, BilingualSchema, Choice, Schema, Text, revision_of
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter


class DutyRuleDraft(Schema):
    """A rule of the duty table: what is asked for, and who handles it; what is left out is not asked for."""

    item = Reference("item", load_default=None, allow_none=True)
    category = Choice(CATEGORIES, load_default=None, allow_none=True)
    division = Identifier("division_code", load_default=None, allow_none=True)
    park = Reference("park", load_default=None, allow_none=True)
    unit = Text(100, required=True)
    person = Reference("user", load_default=None, allow_none=True)
    substitute = Reference("user", load_default=None, allow_none=True)
    absent_from = Day(load_default=None, allow_none=True)
    absent_until = Day(load_default=None, allow_none=True)


@revision_of(DutyRuleDraft)
class DutyRuleRevision(Amendment):
    """What changes; the rest stays."""


class DutyRuleFilter(PageFilter):
    """Which rules to list."""

    item = Reference("item")
    category = Choice(CATEGORIES)
    park = Reference("park")
    unit = Text(100)
    person = Reference("user")


class DutyRuleView(Schema):
    """A rule of one's own duty table."""

    id = Reference("duty_rule")
    item = Reference("item", attribute="item_id", allow_none=True)
    category = Choice(CATEGORIES, allow_none=True)
    division = Identifier("division_code", allow_none=True)
    park = Reference("park", attribute="park_id", allow_none=True)
    unit = fields.String()
    person = ActorReference(allow_none=True)
    substitute = ActorReference(allow_none=True)
    absent_from = Day(allow_none=True)
    absent_until = Day(allow_none=True)
    created_at = Instant()
    updated_at = Instant()
    etag = fields.String()


class DutyQuestion(Schema):
    """Who would get a case of this kind that arrived today."""

    item = Reference("item", required=True)
    division = Identifier("division_code")
    park = Reference("park")


class FittingRuleView(Schema):
    """A rule that fits, and by what."""

    rule = Reference("duty_rule")
    unit = fields.String()
    by = fields.List(Choice(GROUNDS))


class DutyOutcomeView(Schema):
    """Whose it would be, and why; the rules that fit, the one that decides first."""

    unit = fields.String(allow_none=True)
    person = ActorReference(allow_none=True)
    is_substitute = fields.Boolean()
    fitting = fields.List(fields.Nested(FittingRuleView))
    why = fields.Nested(BilingualSchema)
