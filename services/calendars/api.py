"""Routes of the calendars service."""

from __future__ import annotations

from services.calendars import commands, queries
from services.calendars.domain.calendar import DRAFTED, IMPORTED, MANAGE
from services.calendars.models import Calendar
from services.calendars.schemas import (
    CalendarDraft,
    CalendarFilter,
    CalendarImport,
    CalendarRevision,
    CalendarView,
    LastDayFilter,
    LastDayView,
    WorkingDaysFilter,
    WorkingDaysView,
)
from shared.http.declarations import Resource
from shared.http.names import named
from shared.http.resources import ResourceView
from shared.http.routes import Routes

READ = "calendars:read"
ALL = "/v1/calendars"
routes = Routes("calendars")
CALENDAR = ResourceView(
    kind=Calendar, view=CalendarView, present=queries.present_calendars, url=lambda row: f"{ALL}/{row.id}"
)
named("calendar", zh="工作日历", en="calendar of working days", scope=READ)(queries.calendar_names)
calendars = Resource(routes, ALL, CALENDAR, read=READ, write=MANAGE)

calendars.list(queries.calendars, query=CalendarFilter, summary="工作日历 / Calendars of working days")
calendars.create(
    commands.draft_calendar, draft=CalendarDraft, summary="起草工作日历 / Draft a calendar", audited=DRAFTED
)
calendars.create(
    commands.import_calendar,
    draft=CalendarImport,
    rule=f"{ALL}/imports",
    summary="从文件导入工作日历 / Import a calendar from a file",
    audited=IMPORTED,
)
calendars.get(queries.calendar, summary="一年的工作日历 / The calendar of one year")
calendars.revise(
    commands.revise_calendar, draft=CalendarRevision, summary="修改工作日历 / Revise a calendar", audited="revised"
)
calendars.act(commands.publish_calendar, summary="公布工作日历 / Publish a calendar", audited="published")
calendars.history()
calendars.get(
    queries.last_day,
    query=LastDayFilter,
    shown=ResourceView(kind=dict, view=LastDayView),
    rule=f"{ALL}/last-day",
    name="show_last_day",
    summary="期限的最后一日 / The last day of a term",
)
calendars.get(
    queries.days_of_year,
    query=WorkingDaysFilter,
    shown=ResourceView(kind=dict, view=WorkingDaysView),
    rule=f"{ALL}/working-days",
    name="show_working_days",
    summary="一年的工作日 / The working days of a year",
)
