"""Bookings as the API takes and shows them, and what the owner's tenant answers to one."""

from __future__ import annotations

from marshmallow import fields

from services.facilities.domain.booking import BOOKING_LIFECYCLE, OUTCOMES, REASONS
from shared.http.fields.aggregates import AggregateView
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, DecimalString, Flag, FreeTextField, Schema, Text, Whole
from shared.http.fields.times import Instant, Moment
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress

LARGEST_PRICE = "1000000000"


class BookingDraft(Schema):
    """A time that somebody wants; with `waits` it goes to the waiting list where the time is taken."""

    facility = Reference("facility", required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    people = Whole(1, 10_000, load_default=1)
    purpose = Text(300, required=True)
    waits = Flag(load_default=False)


class UseDraft(Schema):
    """How long it was used, where that is not the time that was booked."""

    used_hours = DecimalString(2, minimum="0", maximum="1000", load_default=None, allow_none=True)


class AnswerDraft(Schema):
    """What the owner's tenant makes of a request: no person sends it."""

    outcome = Choice(OUTCOMES, required=True)
    because = Choice(REASONS, load_default=None, allow_none=True)
    price = DecimalString(2, minimum="0", maximum=LARGEST_PRICE, load_default=None, allow_none=True)
    check_in = Flag(load_default=False)


class BookingFilter(PageFilter):
    """Which bookings to list: one's own, and those of one's own facilities."""

    state = Choice(BOOKING_LIFECYCLE.states)
    facility = Reference("facility")
    home = TenantAddress()
    owner = TenantAddress()
    organisation = Reference("organisation")
    starts_from = Moment()
    starts_before = Moment()


class BookingView(AggregateView):
    """A booking as whoever booked and the owner see it; `because` and `reason` say why nothing came of it."""

    id = Reference("booking")
    facility = Reference("facility", attribute="facility_id")
    owner = Reference("tenant", attribute="owner_id")
    organisation = Reference("organisation", attribute="organisation_id", allow_none=True)
    starts_at = Instant()
    ends_at = Instant()
    people = fields.Integer()
    purpose = fields.String()
    waits = fields.Boolean()
    state = Choice(BOOKING_LIFECYCLE.states)
    because = Choice(REASONS, allow_none=True)
    price = DecimalString(2, minimum="0", maximum=LARGEST_PRICE, allow_none=True)
    check_in = fields.Boolean()
    arrived_at = Instant(allow_none=True)
    used_hours = DecimalString(2, minimum="0", maximum="1000", allow_none=True)
    reason = FreeTextField(2000, allow_none=True)
