"""Routes of the facilities service."""

from __future__ import annotations

from services.facilities.commands import bookings as booking_commands
from services.facilities.commands import facilities as commands
from services.facilities.commands.bookings import answer_booking
from services.facilities.domain.facility import BOOK, DECIDE, READ, WRITE
from services.facilities.models import Booking, Facility
from services.facilities.models.known import facility
from services.facilities.queries import bookings as booking_queries
from services.facilities.queries import facilities as queries
from services.facilities.queries import names, weeks
from services.facilities.schemas import bookings as booking_schemas
from services.facilities.schemas import facilities as schemas
from shared.commands.registry import command_of
from shared.http.declarations import Resource
from shared.http.fields.strict import ReasonDraft
from shared.http.names import named
from shared.http.resources import ResourceView
from shared.http.routes import Routes

ALL = "/v1/facilities"
routes = Routes("facilities")
FACILITY = ResourceView(
    kind=Facility, view=schemas.FacilityView, present=queries.present_facilities, url=lambda row: f"{ALL}/{row.id}"
)
BOOKING = ResourceView(
    kind=Booking,
    view=booking_schemas.BookingView,
    present=booking_queries.present_bookings,
    url=lambda row: f"/v1/bookings/{row.id}",
)
named("facility", zh="共享设施", en="facility", scope=READ)(names.facility_names)
named("booking", zh="预约", en="booking", scope=READ)(names.booking_names)
named("occupancy", zh="占用时段", en="taken times", scope=READ)(names.occupancy_names)

facilities = Resource(routes, ALL, FACILITY, read=READ, write=WRITE)
facilities.list(queries.facilities, query=schemas.FacilityFilter, summary="共享设施 / Facilities")
facilities.create(commands.draft_facility, draft=schemas.FacilityDraft, summary="起草设施 / Draft a facility")
facilities.get(facility, summary="一处设施 / One facility")
facilities.revise(commands.revise_facility, draft=schemas.FacilityRevision, summary="修改设施 / Revise a facility")
facilities.act(commands.open_facility, summary="开放预约 / Open for booking")
facilities.act(commands.close_facility, draft=ReasonDraft, summary="停止预约 / Close for booking")
facilities.history(queries.facility_history)
facilities.get(
    weeks.week,
    query=schemas.WeekFilter,
    shown=ResourceView(kind=dict, view=schemas.WeekView),
    rule=f"{facilities.one}/week",
    name="show_facility_week",
    summary="一周的时段 / A week of it",
)
facilities.get(
    weeks.usage,
    query=schemas.UsageFilter,
    shown=ResourceView(kind=dict, view=schemas.UsageView),
    rule=f"{facilities.one}/usage",
    name="show_facility_usage",
    summary="使用统计 / Report of use",
)

bookings = Resource(routes, "/v1/bookings", BOOKING, read=READ, write=DECIDE)
bookings.list(booking_queries.bookings, query=booking_schemas.BookingFilter, summary="预约 / Bookings")
bookings.create(
    booking_commands.request_booking, draft=booking_schemas.BookingDraft, scope=BOOK, summary="提出预约 / Book a time"
)
bookings.get(summary="一个预约 / One booking")
bookings.act(booking_commands.wait_booking, scope=BOOK, summary="申请候补 / Wait for the time")
bookings.act(booking_commands.cancel_booking, draft=ReasonDraft, scope=BOOK, summary="取消预约 / Cancel a booking")
bookings.act(booking_commands.approve_booking, summary="批准预约 / Approve a booking")
bookings.act(booking_commands.refuse_booking, draft=ReasonDraft, summary="不批准预约 / Refuse a booking")
bookings.act(booking_commands.arrive_booking, summary="登记到场 / Note that they came")
bookings.act(booking_commands.use_booking, draft=booking_schemas.UseDraft, summary="登记使用 / Note the use")
bookings.act(booking_commands.miss_booking, summary="登记未到场 / Note that nobody came")
bookings.history()
command_of(answer_booking).bind(booking_schemas.AnswerDraft)
