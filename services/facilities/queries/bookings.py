"""The list of bookings, and what their view shows beyond columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.facilities.domain.booking import possible
from services.facilities.models import Booking
from shared.database.lists import ListQuery
from shared.http.attributes import attributes_of
from shared.journal.session import Session
from shared.replication.delivery import order_of

bookings = ListQuery(
    Booking,
    order_of(Booking, "starts_at"),
    {
        "state": Booking.state,
        "facility": Booking.facility_id,
        "home": Booking.home_id,
        "owner": Booking.owner_id,
        "organisation": Booking.organisation_id,
        "starts_from": lambda value: Booking.starts_at >= value,
        "starts_before": lambda value: Booking.starts_at < value,
    },
)
"""The tenant's own and those of its facilities, newest first; for people of one organisation its own."""


def present_bookings(session: Session, rows: Sequence[Booking]) -> list[dict[str, Any]]:
    """What the view shows."""
    now, party = session.clock.now(), session.context.party
    return [
        {**shown, "allowed_actions": possible(row, tenant=party, now=now)}
        for row, shown in zip(rows, attributes_of(session, rows), strict=True)
    ]
