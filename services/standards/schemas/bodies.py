"""Conformity bodies as the API takes and shows them."""

from __future__ import annotations

from marshmallow import fields

from services.standards.domain.bodies import MOST_GRANTS, MOST_LIMITS, MOST_STANDARDS
from services.standards.domain.lifecycles import BODY_LIFECYCLE
from shared.http.fields.aggregates import VersionView
from shared.http.fields.printed import Printed
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, FreeTextField, Schema, Text, Whole, count
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress


class GrantDraft(Schema):
    """What a body may certify: an empty list limits nothing, `valid_from` is today if it is left out."""

    standards = fields.List(Reference("standard"), required=True, validate=count(1, MOST_STANDARDS))
    product_classes = fields.List(Identifier("product_class"), load_default=list, validate=count(0, MOST_LIMITS))
    methods = fields.List(Printed(100), load_default=list, validate=count(0, MOST_LIMITS))
    valid_from = Day(load_default=None, allow_none=True)
    valid_to = Day(required=True)


class BodyDraft(Schema):
    """A new body."""

    code = Identifier("credit_code", required=True)
    name_zh = Printed(200, required=True)
    name_en = Printed(200, load_default=None, allow_none=True)
    organisation = Reference("organisation", load_default=None, allow_none=True)
    grants = fields.List(fields.Nested(GrantDraft), required=True, validate=count(1, MOST_GRANTS))


class ReductionDraft(Schema):
    """Which grant ends, and its last day."""

    grant = Whole(1, 10_000, required=True)
    valid_to = Day(required=True)


class BodyFilter(PageFilter):
    """Which bodies of the whole platform to list: `standard` those with a grant for it, `q` part of a name."""

    code = Identifier("credit_code")
    tenant = TenantAddress()
    standard = Reference("standard")
    state = Choice(BODY_LIFECYCLE.states)
    q = Text(100)


class GrantView(Schema):
    """A grant with its period; an empty list limits nothing."""

    grant = fields.Integer()
    standards = fields.List(Reference("standard"))
    product_classes = fields.List(fields.String())
    methods = fields.List(fields.String())
    valid_from = Day()
    valid_to = Day()


class SpellView(Schema):
    """A state and since when it counts; it lasts until the next one."""

    state = Choice(BODY_LIFECYCLE.states)
    since = Instant(attribute="from", data_key="from")


class BodyView(VersionView):
    """A conformity body; the reason is known in its own tenant alone."""

    id = Reference("body")
    home = Reference("tenant", attribute="tenant")
    state = Choice(BODY_LIFECYCLE.states)
    spells = fields.List(fields.Nested(SpellView))
    organisation = Reference("organisation", allow_none=True)
    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    grants = fields.List(fields.Nested(GrantView))
    reason = FreeTextField(2000, allow_none=True)
    updated_at = Instant()
