"""The register of calendars, and the working days that follow from it for one tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Computed, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shared.core.calendar import read_day
from shared.core.context import PLATFORM
from shared.database.rows import Register
from shared.reference.working_days import national
from shared.rules.working_days import WorkingDays, Year

PUBLISHED = "published"


class CalendarRow(Register):
    """The days of one year, as the platform set them for the country, or one tenant for itself."""

    __tablename__ = "calendars"
    __table_args__ = {"schema": "shared"}

    tenant: Mapped[UUID] = mapped_column(Computed("(state->>'tenant')::uuid", persisted=True))
    year: Mapped[str] = mapped_column(Computed("state->>'year'", persisted=True))
    status: Mapped[str] = mapped_column(Computed("state->>'state'", persisted=True))


def working_days(session: Session, tenant: UUID) -> WorkingDays:
    """By which this tenant's terms are counted: the country's, and its own days where it has some.

    A year is published by a notice for the country alone; what a tenant sets of a year before that stays provisional.
    """
    row = CalendarRow
    query = select(row.tenant, row.year, row.state).where(row.tenant.in_([PLATFORM, tenant]), row.status == PUBLISHED)
    found = session.execute(query).all()
    country = {int(one.year): _year(one.state, is_published=True) for one in found if one.tenant == PLATFORM}
    own = {int(one.year): _year(one.state, is_published=False) for one in found if one.tenant != PLATFORM}
    return national().with_years(country).with_years(own)


def by_tenant(session: Session) -> Callable[[UUID], WorkingDays]:
    """The same of each tenant that is asked for, read once."""
    return cache(lambda tenant: working_days(session, tenant))


def _year(state: Any, *, is_published: bool) -> Year:
    days: Iterable[Any] = state["days"]
    by_day = {read_day(one["day"]): one for one in days}
    return Year(
        {day: one["is_working"] for day, one in by_day.items()},
        is_published,
        {day: one["name_zh"] for day, one in by_day.items()},
        state["notice"],
    )
