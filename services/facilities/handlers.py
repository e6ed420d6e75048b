"""What follows from bookings at the owner: a request is placed, a time that is given back is passed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events import facilities as events
from events.tenants import TenantLeft
from services.facilities.commands.deciding import place_booking, release_booking
from services.facilities.commands.departing import follow_departures
from shared.commands.handlers import ReceivedEvent, handles, handles_everywhere
from shared.journal.session import Session

REQUESTS = (events.BookingRequested, events.BookingAwaited)
RELEASES = (events.BookingRefused, events.BookingCancelled, events.BookingTurnedAway, events.BookingMissed)


def follow_booking(session: Session, received: ReceivedEvent[Any]) -> None:
    """Both in one handler, which sees the entries of a booking in order: no time is given back that came after.

    Also of the owner's own people, so that all are placed in one order.
    """
    if session.context.tenant_id == UUID(received.state["owner_id"]):
        run = place_booking if isinstance(received.change, REQUESTS) else release_booking
        run(session, received.entry.aggregate)


for change in (*REQUESTS, *RELEASES):
    handles(change)(follow_booking)


@handles_everywhere(TenantLeft)
def leave_facilities(session: Session, received: Sequence[ReceivedEvent[TenantLeft]]) -> None:
    """In every tenant that lends something, or has booked."""
    follow_departures(session, {one.entry.aggregate for one in received})
