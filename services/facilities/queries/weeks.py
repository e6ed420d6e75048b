"""A week of one facility, and its use in a year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, cast, func, literal, select

from services.facilities.domain.facility import OPEN, may_book
from services.facilities.domain.hours import monday_of
from services.facilities.domain.week import Use, days_of, report
from services.facilities.models import Booking, Facility
from services.facilities.models.known import known_facility, taken_times
from shared.core.calendar import BEIJING, day_of, start_of
from shared.core.errors import RefusedError
from shared.journal.session import Session

NONE = Decimal(0)


def week(session: Session, key: UUID, *, day: date | None) -> Mapping[str, Any]:
    """Slot by slot what is free and what is taken, as the owner told; raises `NotFoundError`."""
    known, now, context = known_facility(session, key), session.clock.now(), session.context
    monday, owner = monday_of(day or day_of(now)), UUID(known["tenant"])
    taken = taken_times(session, key, owner=owner, monday=monday)
    is_open = may_book(known, tenant=context.tenant_id, for_organisation=context.organisation_id is not None)
    return {
        "facility": key, "home": owner, "monday": monday, "slot_minutes": known["slot_minutes"],
        "most_slots": known["most_slots"], "can_book": known["state"] == OPEN and is_open,
        "days": days_of(known, monday, taken=taken, now=now),
    }  # fmt: skip


def usage(session: Session, key: UUID, *, year: int | None) -> Mapping[str, Any]:
    """For the owner's officials: by the month in Beijing in which bookings begin; raises `NotFoundError` for others."""
    known_facility(session, key)
    session.one(Facility, key)
    if session.context.scope != "tenant":
        raise RefusedError(
            "office_only",
            "使用统计只供设施所属辖区的工作人员查看。",
            "The report of use is for officials of the owner alone.",
        )
    year = year or day_of(session.clock.now()).year
    first, after = start_of(date(year, 1, 1)), start_of(date(year + 1, 1, 1))
    zone = literal(str(BEIJING.tzname(None)), Text())
    month = cast(func.date_part("month", func.timezone(zone, Booking.starts_at)), Integer)
    sums = func.count(), func.sum(Booking.used_hours), func.sum(Booking.price)
    query = select(month, Booking.state, *sums).group_by(month, Booking.state)
    within = Booking.facility_id == key, Booking.starts_at >= first, Booking.starts_at < after
    # Who says of a booking that it is of this facility is believed where it is this tenant's own to lend.
    mine = Booking.owner_id == session.context.tenant_id
    found = session.execute(query.where(*within, mine))
    uses = (Use(number, state, many, hours or NONE, price or NONE) for number, state, many, hours, price in found)
    return {"facility": key, "year": year, **report(uses)}
