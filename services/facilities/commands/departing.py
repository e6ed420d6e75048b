"""What becomes of bookings when a tenant leaves the platform: its times are free, and nothing is booked with it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from events.text import FreeText
from services.facilities.commands.bookings import cancel_booking
from services.facilities.commands.deciding import release_booking
from services.facilities.domain.booking import UNDECIDED
from services.facilities.models import Booking, Slot
from shared.journal.session import Session


def follow_departures(session: Session, gone: Collection[UUID]) -> None:
    """As owner give their times to others, as whoever booked cancel what was booked with them."""
    now, here = session.clock.now(), session.context.tenant_id
    theirs = select(Slot.booking_id).join(
        Booking, (Booking.tenant_id == Slot.tenant_id) & (Booking.id == Slot.booking_id)
    )
    for key in session.scalars(theirs.where(Booking.home_id.in_(gone), Slot.ends_at > now)).all():
        release_booking(session, key)
    ours = Booking.home_id == here, Booking.owner_id.in_(gone), Booking.state.in_([*UNDECIDED, "confirmed"])
    for key in session.scalars(select(Booking.id).where(*ours, Booking.ends_at > now)).all():
        reason = FreeText("设施所属辖区已退出平台。 / The owner of the facility has left the platform.")
        cancel_booking(session, key, reason=reason)
