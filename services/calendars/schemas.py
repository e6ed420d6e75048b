"""Calendars as the API takes and shows them."""

from __future__ import annotations

from marshmallow import fields

from services.calendars.domain.calendar import CALENDAR_LIFECYCLE, LONGEST_NAME, MOST_DAYS
from shared.http.fields.aggregates import VersionView
from shared.http.fields.attachments import Uploaded
from shared.http.fields.references import Reference
from shared.http.fields.strict import (
    Amendment,
    Choice,
    Flag,
    Schema,
    Text,
    Whole,
    WholeInQuery,
    count,
    revision_of,
)
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress
from shared.rules.working_days import UNITS

FIRST, LAST = 2000, 2199
LONGEST = 1_000


class SpecialDaySchema(Schema):
    """A day that is not as its weekday says: a holiday, or a weekend on which offices work (调休)."""

    day = Day(required=True)
    is_working = Flag(required=True)
    name_zh = Text(LONGEST_NAME, required=True)


class CalendarDraft(Schema):
    """The days of a year."""

    year = Whole(FIRST, LAST, required=True)
    days = fields.List(fields.Nested(SpecialDaySchema), required=True, validate=count(0, MOST_DAYS))
    notice = Text(100, load_default=None, allow_none=True)


@revision_of(CalendarDraft, without=("year",))
class CalendarRevision(Amendment):
    """What changes; the rest stays."""


class CalendarImport(Schema):
    """The days of a year from a table, CSV or XLSX, that was uploaded before with `POST /v1/files`."""

    file = Uploaded(required=True)
    year = Whole(FIRST, LAST, required=True)
    notice = Text(100, load_default=None, allow_none=True)


class CalendarFilter(PageFilter):
    """Which calendars to list."""

    year = WholeInQuery(FIRST, LAST)
    tenant = TenantAddress()
    state = Choice(CALENDAR_LIFECYCLE.states)


class CalendarView(VersionView):
    """The days of a year, of the country or of one tenant."""

    id = Reference("calendar")
    home = Reference("tenant", attribute="tenant")
    state = Choice(CALENDAR_LIFECYCLE.states)
    year = fields.Integer()
    days = fields.List(fields.Nested(SpecialDaySchema))
    notice = fields.String(allow_none=True)
    updated_at = Instant()


class LastDayFilter(Schema):
    """Of which term the last day is asked for: one that begins today, in one's own tenant, if nothing else is said."""

    days = WholeInQuery(1, LONGEST, required=True)
    unit = Choice(UNITS, load_default="working")
    begins_on = Day(load_default=None)
    tenant = TenantAddress(load_default=None)


class SpecialDayView(Schema):
    """A day on the way that is not as its weekday says."""

    day = Day()
    is_working = fields.Boolean()
    name_zh = fields.String(allow_none=True)


class WorkingDaysFilter(Schema):
    """Of which year the days are asked for: in one's own tenant, if nothing else is said."""

    year = WholeInQuery(FIRST, LAST, required=True)
    tenant = TenantAddress(load_default=None)


class WorkingDaysView(Schema):
    """The days of a year by which terms are counted, the country's and the jurisdiction's own together."""

    tenant = Reference("tenant")
    year = fields.Integer()
    is_published = fields.Boolean()
    notice = fields.String(allow_none=True)
    special_days = fields.List(fields.Nested(SpecialDayView))


class LastDayView(Schema):
    """The last day of a term, at the end of which it is over; provisional while a year it touches is not published."""

    tenant = Reference("tenant")
    begins_on = Day()
    days = fields.Integer()
    unit = Choice(UNITS)
    last_day = Day()
    is_provisional = fields.Boolean()
    special_days = fields.List(fields.Nested(SpecialDayView))
