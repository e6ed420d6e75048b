"""Reads of calendars, the days by which a tenant counts, and the last day of a term."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.calendars.models import Calendar
from shared.core.calendar import day_of, start_of
from shared.core.errors import Fault, InvalidError
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.evidence.documents import document_of, possible_at_home, told, told_of
from shared.http.names import Name
from shared.journal.session import Session
from shared.reference.calendars import CalendarRow, working_days
from shared.rules.working_days import Term, Turn, Unit, Year

calendars = ListQuery(
    CalendarRow,
    Order({"year": CalendarRow.year}, "-year", (CalendarRow.id,), at_or_after(CalendarRow.received_at)),
    {
        "tenant": CalendarRow.tenant,
        "year": lambda value: CalendarRow.year == str(value),
        "state": CalendarRow.status,
    },
    visible=told_of(Calendar),
)
"""Of the country and of every tenant, as the register tells, the last year first."""
CLERK = "clerk"
"""Whose turn it is in a term about which nothing else is known."""


def calendar(session: Session, key: UUID) -> Calendar | CalendarRow:
    """One's own as it is, another one as the register tells of it; raises `NotFoundError`."""
    found: Calendar | CalendarRow = told(session, Calendar, key=key)
    return found


def present_calendars(session: Session, rows: Sequence[Calendar | CalendarRow]) -> list[dict[str, Any]]:
    """What the view shows."""
    lifecycle = Calendar.lifecycle
    return [
        {**item, "allowed_actions": possible_at_home(session, item, lifecycle=lifecycle)}
        for item in map(document_of, rows)
    ]


def last_day(session: Session, *, days: int, unit: Unit, begins_on: date | None, tenant: UUID | None) -> dict[str, Any]:
    """The last day of a term that begins on a day, and the days on the way on which nobody works, with their names."""
    here, begins = tenant or session.context.tenant_id, begins_on or day_of(session.clock.now())
    known = working_days(session, here)
    due = Term(days, unit).reckon([Turn(start_of(begins), CLERK)], calendar=known, until=begins).due
    if due is None:
        zh, en = "期限的届满日超出可以计算的年份。", "The last day lies beyond the years that can be counted."
        raise InvalidError("term_out_of_bounds", zh, en, [Fault("/days", zh, en)])
    special = [
        one
        for year in range(begins.year, due.day.year + 1)
        for one in _special(known.years.get(year, Year()))
        if begins < one["day"] <= due.day
    ]
    return {
        "tenant": here, "begins_on": begins, "days": days, "unit": unit,
        "last_day": due.day, "is_provisional": due.is_provisional, "special_days": special,
    }  # fmt: skip


def days_of_year(session: Session, *, year: int, tenant: UUID | None) -> dict[str, Any]:
    """By which days of a year a tenant's terms are counted, also where they came with the release."""
    here = tenant or session.context.tenant_id
    found = working_days(session, here).years.get(year, Year())
    return {
        "tenant": here, "year": year, "is_published": found.is_published, "notice": found.notice,
        "special_days": _special(found),
    }  # fmt: skip


def _special(year: Year) -> list[dict[str, Any]]:
    """Its days that are not as their weekday says, in order."""
    return [
        {"day": day, "is_working": is_working, "name_zh": year.names.get(day)}
        for day, is_working in sorted(year.days.items())
    ]


def calendar_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By their years."""
    found = session.execute(select(CalendarRow.id, CalendarRow.year).where(CalendarRow.id.in_(ids)))
    return {key: Name(f"{year} 年工作日历", f"Calendar of {year}") for key, year in found}
