"""Rows of the calendars service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from services.calendars.domain.calendar import CALENDAR_LIFECYCLE
from shared.database.rows import Aggregate, aggregate
from shared.reference.calendars import CalendarRow


@aggregate
class Calendar(Aggregate):
    """Days of one year that are not as their weekday says, of the country (home is the platform) or of one tenant.

    `days` are `{"day", "is_working", "name_zh"}`; `notice` is by which they were set, by its number. Its id follows
    from home and year, so there is one of each.
    """

    __tablename__ = "calendars"
    __table_args__ = {"schema": "calendars"}
    kind = "calendars.calendar"
    called = "工作日历 / calendar of working days"
    register = CalendarRow
    home_column = "tenant"
    audited = ("state", "year", "days", "notice")
    lifecycle = CALENDAR_LIFECYCLE

    tenant: Mapped[UUID]
    year: Mapped[int]
    state: Mapped[str]
    days: Mapped[list[dict[str, Any]]]
    notice: Mapped[str | None]
