"""How facilities, bookings and weeks are called."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.facilities.domain.facility import FACILITY_LIFECYCLE
from services.facilities.models import Booking, Facility, FacilityRow, OccupancyRow
from shared.core.calendar import BEIJING, read_day
from shared.http.names import Name


def facility_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """Those that were opened, and one's own."""
    row, told = FacilityRow, FacilityRow.status != FACILITY_LIFECYCLE.initial
    known = select(row.id, row.name_zh, row.state["name_en"].astext).where(row.id.in_(ids), told)
    own = select(Facility.id, Facility.name_zh, Facility.name_en).where(Facility.id.in_(ids))
    found = [*session.execute(known), *session.execute(own)]
    return {key: Name(zh, en or zh) for key, zh, en in found}


def booking_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By what is booked, and when it begins."""
    query = select(Booking.id, Booking.name_zh, Booking.name_en, Booking.starts_at).where(Booking.id.in_(ids))
    return {
        key: Name(
            f"{zh} {at.astimezone(BEIJING):%Y-%m-%d %H:%M}", f"{en or zh} {at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
        )
        for key, zh, en, at in session.execute(query)
    }


def occupancy_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By the week."""
    found = session.execute(select(OccupancyRow.id, OccupancyRow.monday).where(OccupancyRow.id.in_(ids)))
    weeks = {key: read_day(monday) for key, monday in found}
    return {
        key: Name(f"{monday} 起一周的占用时段", f"Taken times of the week from {monday}")
        for key, monday in weeks.items()
    }
