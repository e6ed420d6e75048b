"""Parks as the API takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from events.canonical import Json, plain
from services.parks.domain.entry_rules import MOST, STATES
from services.parks.domain.park import KINDS, PARK_LIFECYCLE, ROLES
from shared.http.fields.aggregates import AggregateView
from shared.http.fields.references import Reference
from shared.http.fields.strict import (
    Amendment,
    Choice,
    DecimalString,
    Flag,
    FreeTextField,
    Schema,
    Text,
    count,
    revision_of,
)
from shared.http.fields.texts import Identifier, Lines
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress

LARGEST_AREA = "10000000"
KM2 = {"x-unit": "km²"}


class PartySchema(Schema):
    """A tenant in its role, with the division it brings in."""

    tenant = TenantAddress(required=True)
    role = Choice(ROLES, required=True)
    division = Identifier("division_code", load_default=None, allow_none=True)

    @post_load
    def as_plain(self, loaded: Mapping[str, Any], **_: Any) -> Json:
        """Parties are kept as JSON."""
        return plain(loaded)


class EntryRuleSchema(Schema):
    """A standard that those meet who want to settle here, and what it asks for in words."""

    standard = Reference("standard", required=True)
    text_zh = Lines(300, required=True)
    text_en = Lines(300, load_default=None, allow_none=True)


class EntryRuleView(Schema):
    """An entry rule; suspended and removed are those whose standard stopped counting."""

    standard = Reference("standard")
    text_zh = fields.String()
    text_en = fields.String(allow_none=True)
    state = Choice(STATES)


class EntryRulesDraft(Schema):
    """All rules there shall be; one about the same standard as before keeps its state."""

    entry_rules = fields.List(fields.Nested(EntryRuleSchema), required=True, validate=count(0, MOST))


class PeriodSchema(Schema):
    """A first and a last day; a command asks the same of what stays beside what is given."""

    @validates_schema(skip_on_field_errors=True)
    def check_period(self, data: Mapping[str, Any], **_: Any) -> None:
        """The end lies after the start, where both are given."""
        starts_on, ends_on = data.get("starts_on"), data.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            raise ValidationError("必须晚于起始日 / Must be later than starts_on", "ends_on")


class ParkDraft(PeriodSchema):
    """A new park."""

    name_zh = Text(200, required=True)
    name_en = Text(200, load_default=None)
    kind = Choice(KINDS, required=True)
    location = Identifier("division_code", load_default=None, allow_none=True)
    area_km2 = DecimalString(4, minimum="0", maximum=LARGEST_AREA, load_default=None, metadata=KM2)
    sectors = fields.List(Text(60), load_default=list, validate=count(0, 30))
    # Fewer than two are for `check_parties` to judge, with all else that is wrong with them.
    parties = fields.List(fields.Nested(PartySchema), required=True, validate=count(0, 40), metadata={"x-fewest": 2})
    starts_on = Day(load_default=None)
    ends_on = Day(endless=True, load_default=None)
    entry_rules = fields.List(fields.Nested(EntryRuleSchema), load_default=list, validate=count(0, MOST))
    confirm_duplicate = Flag(load_default=False)


@revision_of(ParkDraft, without=("entry_rules", "confirm_duplicate"))
class ParkRevision(Amendment, PeriodSchema):
    """What changes in a park that is not in force yet; the rest stays."""


class ParkFilter(PageFilter):
    """Which parks to list."""

    state = Choice(PARK_LIFECYCLE.states)
    kind = Choice(KINDS)
    party = TenantAddress()
    sector = Text(60)
    q = Text(100)


class OwnParkFilter(PageFilter):
    """Which parks to list for an organisation's people."""

    kind = Choice(KINDS)
    q = Text(100)


class DissolutionDraft(Schema):
    """On which day the park ends; whoever proposes it says why, who agrees need not."""

    dissolves_on = Day(required=True)
    reason = FreeTextField(2000, load_default=None, allow_none=True)


class DissolutionSchema(Schema):
    """A dissolution on the table: who proposed which day, and why."""

    dissolves_on = Day()
    proposed_by = Reference("tenant")
    reason = FreeTextField(2000, allow_none=True)


class ConsentsSchema(Schema):
    """Who has agreed to what needs all parties."""

    resume = fields.List(Reference("tenant"))
    dissolve = fields.List(Reference("tenant"))
    call_off = fields.List(Reference("tenant"))


class UpcomingAgreementSchema(Schema):
    """A revision that all have signed and that takes effect on its day."""

    revision = fields.Integer()
    effective_from = Day()


class OwnParkView(Schema):
    """A park as an organisation's people see it: what it is, and which of its entry rules count."""

    id = Reference("park")
    home = Reference("tenant", attribute="home_id")
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    kind = Choice(KINDS)
    state = Choice(PARK_LIFECYCLE.states)
    location = fields.String(allow_none=True)
    area_km2 = DecimalString(4, minimum="0", maximum=LARGEST_AREA, allow_none=True, metadata=KM2)
    sectors = fields.List(fields.String())
    parties = fields.List(fields.Nested(PartySchema))
    starts_on = Day(allow_none=True)
    ends_on = Day(allow_none=True)
    entry_rules = fields.List(fields.Nested(EntryRuleView))
    updated_at = Instant()


class ParkView(OwnParkView, AggregateView):
    """A park as home and every party see it: with what the parties have agreed with each other."""

    consents = fields.Nested(ConsentsSchema)
    dissolution = fields.Nested(DissolutionSchema, allow_none=True)
    dissolves_on = Day(allow_none=True)
    current_agreement = fields.Integer(allow_none=True)
    upcoming_agreements = fields.List(fields.Nested(UpcomingAgreementSchema))
    reason = FreeTextField(2000, allow_none=True)
