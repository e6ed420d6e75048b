"""Which times of a week are taken, told to everybody and never by whom."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from events.canonical import plain
from events.facilities import OccupancyChanged
from services.facilities.domain.hours import Span, merged, mondays, week_from
from services.facilities.models import Occupancy, Slot
from services.facilities.models.bookings import HELD
from services.facilities.models.facilities import occupancy_id, occupancy_nonce
from shared.journal.session import Session


def note_taken(session: Session, facility: UUID, *, span: Span) -> None:
    """Tell of the weeks that the time touches what is taken in them now; whoever calls holds the facility's lock."""
    session.flush()
    for monday in mondays(span):
        row = _week(session, facility, monday=monday)
        taken = _taken(session, facility, week=week_from(monday))
        if taken != row.taken or row.version == 0:
            row.taken = taken
            session.publish(row, OccupancyChanged(facility=facility, monday=monday))


def _week(session: Session, facility: UUID, *, monday: date) -> Occupancy:
    here = session.context.tenant_id
    key = occupancy_id(here, facility, monday=monday)
    if session.get(Occupancy, (here, key)) is not None:
        return session.locked(Occupancy, key)
    nonce = occupancy_nonce(facility, monday)
    return session.create(
        Occupancy, parties=[here], nonce=nonce, tenant=here, facility_id=facility, monday=monday, taken=[]
    )


def _taken(session: Session, facility: UUID, *, week: Span) -> list[dict[str, str]]:
    """Times that touch each other as one, so that a week holds few."""
    overlaps = Slot.facility_id == facility, Slot.starts_at < week.ends_at, Slot.ends_at > week.starts_at
    found = session.execute(select(Slot.starts_at, Slot.ends_at).where(*overlaps, Slot.state == HELD))
    spans = [Span(max(starts, week.starts_at), min(ends, week.ends_at)) for starts, ends in found]
    return [{"starts_at": plain(one.starts_at), "ends_at": plain(one.ends_at)} for one in merged(spans)]
