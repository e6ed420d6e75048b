"""Facilities, their weeks and their use as the API takes and shows them."""

from __future__ import annotations

from marshmallow import fields

from services.facilities.domain.facility import APPROVALS, BOOKERS, FACILITY_LIFECYCLE, KINDS
from services.facilities.domain.hours import MINUTES_A_DAY
from services.facilities.domain.week import SLOT_STATES
from shared.core.calendar import FIRST_YEAR, LAST_YEAR
from shared.http.fields.aggregates import VersionView
from shared.http.fields.references import Reference
from shared.http.fields.strict import (
    Amendment,
    Choice,
    DecimalString,
    Flag,
    FreeTextField,
    Schema,
    Text,
    Whole,
    WholeInQuery,
    count,
    revision_of,
)
from shared.http.fields.texts import Identifier, Lines
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress

TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
TIME_MESSAGES = {"pattern": "须为 24 小时制的时间,如 09:00 / Must be a time such as 09:00"}
MOST_PERIODS, MOST_CLOSED_DAYS = 21, 130


class OpeningSchema(Schema):
    """A time on one day of every week at which it is open; 1 is Monday, and a day may have several."""

    weekday = Whole(1, 7, required=True)
    opens = Text(5, required=True, pattern=TIME, error_messages=TIME_MESSAGES)
    closes = Text(5, required=True, pattern=f"{TIME}|24:00", error_messages=TIME_MESSAGES)


class FacilityDraft(Schema):
    """An instrument, a line or a room that is lent to others."""

    name_zh = Text(200, required=True)
    name_en = Text(200, load_default=None, allow_none=True)
    kind = Choice(KINDS, required=True)
    place = Text(300, required=True)
    division = Identifier("division_code", load_default=None, allow_none=True)
    capacity = Whole(1, 10_000, required=True)
    open_to = fields.List(Choice(BOOKERS), load_default=lambda: list(BOOKERS), validate=count(1, len(BOOKERS)))
    only_for = fields.List(TenantAddress(), load_default=list, validate=count(0, 400))
    hours = fields.List(fields.Nested(OpeningSchema), required=True, validate=count(1, MOST_PERIODS))
    closed_days = fields.List(Day(), load_default=list, validate=count(0, MOST_CLOSED_DAYS))
    slot_minutes = Whole(15, MINUTES_A_DAY, load_default=60)
    most_slots = Whole(1, 1000, load_default=8)
    days_ahead = Whole(1, 365, load_default=60)
    price_rule = Lines(1000, load_default=None, allow_none=True)
    hourly_price = DecimalString(2, minimum="0.01", maximum="1000000", load_default=None, allow_none=True)
    approval = Choice(APPROVALS, load_default="instant")
    check_in = Flag(load_default=False)


@revision_of(FacilityDraft)
class FacilityRevision(Amendment):
    """What changes; the rest stays, and so does what is booked."""


class FacilityFilter(PageFilter):
    """Which facilities of the whole platform to list; one's own drafts are among them."""

    state = Choice(FACILITY_LIFECYCLE.states)
    kind = Choice(KINDS)
    tenant = TenantAddress()
    division = Identifier("division_code")
    q = Text(100)


class FacilityView(VersionView):
    """A facility as everybody sees it; the reason is known in its own tenant alone."""

    id = Reference("facility")
    home = Reference("tenant", attribute="tenant")
    state = Choice(FACILITY_LIFECYCLE.states)
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    kind = Choice(KINDS)
    place = fields.String()
    division = fields.String(allow_none=True)
    capacity = fields.Integer()
    open_to = fields.List(Choice(BOOKERS))
    only_for = fields.List(Reference("tenant"))
    hours = fields.List(fields.Nested(OpeningSchema))
    closed_days = fields.List(Day())
    slot_minutes = fields.Integer()
    most_slots = fields.Integer()
    days_ahead = fields.Integer()
    price_rule = fields.String(allow_none=True)
    hourly_price = DecimalString(2, minimum="0", maximum="1000000", allow_none=True)
    approval = Choice(APPROVALS)
    check_in = fields.Boolean()
    reason = FreeTextField(2000, allow_none=True)
    updated_at = Instant()


class WeekFilter(Schema):
    """Which week: that of the day, or this one."""

    day = Day(load_default=None)


class SlotView(Schema):
    """A time that can be booked as a whole, and whether it still can."""

    starts_at = Instant()
    ends_at = Instant()
    state = Choice(SLOT_STATES)


class DayView(Schema):
    """A day of the week with its slots; none where it is closed."""

    day = Day()
    slots = fields.List(fields.Nested(SlotView))


class WeekView(Schema):
    """A week of one facility: what is free and what is taken, and never by whom."""

    facility = Reference("facility")
    home = Reference("tenant")
    monday = Day()
    slot_minutes = fields.Integer()
    most_slots = fields.Integer()
    can_book = fields.Boolean()
    days = fields.List(fields.Nested(DayView))


class UsageFilter(Schema):
    """Of which year: this one, if it is left out."""

    year = WholeInQuery(FIRST_YEAR, LAST_YEAR, load_default=None)


class UsedSchema(Schema):
    """Bookings by what became of them, the hours of use, and what is to be paid for these."""

    bookings = fields.Integer()
    used = fields.Integer()
    no_shows = fields.Integer()
    cancelled = fields.Integer()
    refused = fields.Integer()
    used_hours = DecimalString(2, minimum="0", maximum="1000000")
    amount = DecimalString(2, minimum="0", maximum="1000000000000")


class MonthView(UsedSchema):
    """The use of one month, by when bookings begin."""

    month = fields.String()


class UsageView(UsedSchema):
    """The use of a facility in one year, month by month."""

    facility = Reference("facility")
    year = fields.Integer()
    months = fields.List(fields.Nested(MonthView))
