"""Organisations and public cards as the API takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from services.organisations.domain.organisation import KINDS, MEMBERSHIPS, ORGANISATION_LIFECYCLE
from services.organisations.domain.qualifications import FIXED_END, STATES, has_fixed_end
from shared.http.fields.aggregates import AggregateView
from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Choice, Flag, FreeTextField, Schema, Text, count, revision_of
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress


class OrganisationDraft(Schema):
    """A new organisation."""

    code = Identifier("credit_code", required=True)
    name_zh = Text(200, required=True)
    name_en = Text(200, load_default=None, allow_none=True)
    former_names = fields.List(Text(200), load_default=list, validate=count(0, 30))
    kind = Choice(KINDS, required=True)
    sectors = fields.List(Identifier("sector"), load_default=list, validate=count(0, 30))
    division = Identifier("division_code", required=True)
    public = Flag(load_default=False)


@revision_of(OrganisationDraft, without=("code", "public"))
class OrganisationRevision(Amendment):
    """What changes of the description; the rest stays."""


class QualificationDraft(Schema):
    """A qualification; without `valid_to` it lasts as long as its kind does (专精特新, 小巨人: three years).

    `certificate` is the number of the certificate of conformity that it rests on: when that stops counting, the tenant
    is asked what becomes of the qualification.
    """

    name = Text(200, required=True)
    level = Text(100, load_default=None, allow_none=True)
    number = Identifier("paper_number", load_default=None, allow_none=True)
    issued_on = Day(load_default=None, allow_none=True)
    valid_from = Day(load_default=None, allow_none=True)
    valid_to = Day(endless=True, load_default=None)
    certificate = Identifier("certificate_number", load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True, pass_original=True)
    def check_end(self, loaded: Mapping[str, Any], original: Mapping[str, Any], **_: Any) -> None:
        """Whoever says "no end" of what ends by rule is told, for the end that is reckoned is not what was said."""
        says_so = loaded["valid_to"] is None and original.get("valid_to") is not None
        if says_so and has_fixed_end(loaded["name"]):
            raise ValidationError(f"{FIXED_END[1]} / {FIXED_END[2]}", "valid_to")


class QualificationName(Schema):
    """Which qualification."""

    name = Text(200, required=True)
    number = Identifier("paper_number", load_default=None, allow_none=True)


class MembershipDraft(Schema):
    """A membership, of an alliance or cluster by its name or by the id under which it is registered here."""

    kind = Choice(MEMBERSHIPS, required=True)
    name = Text(200, load_default=None, allow_none=True)
    organisation = Reference("organisation", load_default=None, allow_none=True)
    since = Day(load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def check_named(self, loaded: Mapping[str, Any], **_: Any) -> None:
        """Exactly one of both."""
        if (loaded["name"] is None) == (loaded["organisation"] is None):
            raise ValidationError("请填写名称或机构之一 / Give either name or organisation", "name")


class MembershipEnd(Schema):
    """Which membership ends, with its last day."""

    kind = Choice(MEMBERSHIPS, required=True)
    name = Text(200, required=True)
    until = Day(required=True)


class MergerDraft(Schema):
    """Of what it becomes part."""

    into = Reference("organisation", required=True)


class PartyDraft(Schema):
    """Which tenant."""

    tenant = TenantAddress(required=True)


class OrganisationFilter(PageFilter):
    """Which organisations to list; with `q` best first, by Chinese, pinyin, initials or code."""

    q = Text(100)
    kind = Choice(KINDS)
    state = Choice(ORGANISATION_LIFECYCLE.states)
    division = Identifier("division_code")
    sector = Identifier("sector")
    qualification = Text(200)


class QualificationView(Schema):
    """A qualification with its validity; suspended and withdrawn are those whose `certificate` stopped counting."""

    name = fields.String()
    level = fields.String(allow_none=True)
    number = fields.String(allow_none=True)
    issued_on = Day(allow_none=True)
    valid_from = Day(allow_none=True)
    valid_to = Day(allow_none=True)
    certificate = fields.String(allow_none=True, dump_default=None)
    state = Choice(STATES)


class MembershipView(Schema):
    """A membership; it lasts while `until` is null."""

    kind = Choice(MEMBERSHIPS)
    name = fields.String()
    organisation = Reference("organisation", allow_none=True)
    since = Day(allow_none=True)
    until = Day(allow_none=True)


class PredecessorView(Schema):
    """An organisation that was merged into this one."""

    id = Reference("organisation")
    code = fields.String()
    name_zh = fields.String()


class OrganisationView(AggregateView):
    """An organisation as home and every tenant in which it takes part see it."""

    id = Reference("organisation")
    parties = fields.List(Reference("tenant"), attribute="party_ids")
    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    former_names = fields.List(fields.String())
    kind = Choice(KINDS)
    sectors = fields.List(fields.String())
    division = fields.String()
    qualifications = fields.List(fields.Nested(QualificationView))
    memberships = fields.List(fields.Nested(MembershipView))
    predecessors = fields.List(fields.Nested(PredecessorView))
    public = fields.Boolean()
    state = Choice(ORGANISATION_LIFECYCLE.states)
    successor = Reference("organisation", attribute="successor_id", allow_none=True)
    successor_code = fields.String(allow_none=True)
    reason = FreeTextField(2000, allow_none=True)


class CardFilter(PageFilter):
    """Which public cards to list: of one code, or whose Chinese name holds `q`."""

    code = Identifier("credit_code")
    q = Text(100)


class CardView(Schema):
    """A public organisation, as the tenant that holds it (`holder`) signed it."""

    organisation = Reference("organisation")
    holder = Reference("tenant")
    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    kind = Choice(KINDS)
    sectors = fields.List(fields.String())
    division = fields.String()
    state = Choice(ORGANISATION_LIFECYCLE.states)
    successor_code = fields.String(allow_none=True)
    received_at = Instant()
