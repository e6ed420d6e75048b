"""What the owner's tenant decides by itself: who has the time, who waits for it, and who gets it when it is free again.

Everything about one facility is decided under the lock of its row, so that it is decided in one order; that no two
times overlap holds whatever is written here, by a constraint of the table.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select

from services.facilities.commands.bookings import answer_booking
from services.facilities.commands.taken import note_taken
from services.facilities.domain.booking import CLOSED, TAKEN, UNFIT
from services.facilities.domain.facility import OPEN, check_fits, may_book, price_of
from services.facilities.domain.hours import Span
from services.facilities.models import Booking, Facility, Slot
from services.facilities.models.bookings import HELD, WAITING
from shared.commands.forwarding import run_or_forward
from shared.commands.registry import command_of
from shared.core.errors import InvalidError
from shared.database.rows import state_of
from shared.journal.session import Session

MOST_WAITING = 500
"""Bookings of one facility that wait for a time; more are refused."""


def place_booking(session: Session, key: UUID) -> None:
    """Give it the time, or a place on the waiting list, or say why neither; once for each request."""
    booking = session.one(Booking, key)
    facility = session.get(Facility, (session.context.tenant_id, booking.facility_id))
    if booking.state != "requested" or session.get(Slot, (session.context.tenant_id, key)) is not None:
        return
    if not session.directory.staying(session, [booking.home_id]):
        return
    if facility is None:
        _answer(session, booking, outcome="refused", because=UNFIT)
        return
    facility = session.locked(Facility, facility.id)
    because = _against(session, facility, booking=booking)
    if because is None:
        _give(session, facility, booking=booking)
    elif because == TAKEN and booking.waits and _waiting(session, facility.id) < MOST_WAITING:
        _keep(session, booking, state=WAITING)
        _answer(session, booking, outcome="waiting")
    else:
        _answer(session, booking, outcome="refused", because=because)


def release_booking(session: Session, key: UUID) -> None:
    """Its time is free again: it goes to the first that waits for it, and to the next what is left."""
    slot = session.get(Slot, (session.context.tenant_id, key))
    if slot is None:
        return
    facility = session.locked(Facility, slot.facility_id)
    # Until the lock was ours, it may have got the time it waited for.
    session.refresh(slot)
    freed, was = Span(slot.starts_at, slot.ends_at), slot.state
    session.delete(slot)
    session.flush()
    if was == WAITING:
        return
    order = Slot.since, Slot.booking_id
    waiting = select(Slot.booking_id).where(*_overlapping(facility.id, freed), Slot.state == WAITING).order_by(*order)
    for other in session.scalars(waiting.limit(MOST_WAITING)).all():
        booking = session.one(Booking, other)
        # One that has been cancelled meanwhile has its own turn.
        if booking.state in ("requested", "waiting") and _against(session, facility, booking=booking) is None:
            _give(session, facility, booking=booking)
    note_taken(session, facility.id, span=freed)


def _against(session: Session, facility: Facility, *, booking: Booking) -> str | None:
    """Why it cannot have the time; None where it can."""
    known, span = state_of(facility), Span(booking.starts_at, booking.ends_at)
    if facility.state != OPEN:
        return CLOSED
    if not may_book(known, tenant=booking.home_id, for_organisation=booking.organisation_id is not None):
        return UNFIT
    try:
        check_fits(known, span, people=booking.people, now=session.clock.now())
    except InvalidError:
        return UNFIT
    held = exists().where(*_overlapping(facility.id, span), Slot.state == HELD)
    return TAKEN if session.scalar(select(held)) else None


def _overlapping(facility: UUID, span: Span) -> tuple[ColumnElement[bool], ...]:
    return Slot.facility_id == facility, Slot.starts_at < span.ends_at, Slot.ends_at > span.starts_at


def _waiting(session: Session, facility: UUID) -> int:
    return session.scalar(select(func.count()).where(Slot.facility_id == facility, Slot.state == WAITING)) or 0


def _give(session: Session, facility: Facility, *, booking: Booking) -> None:
    """The time is theirs, or held until it is approved."""
    span = Span(booking.starts_at, booking.ends_at)
    _keep(session, booking, state=HELD)
    note_taken(session, facility.id, span=span)
    outcome = "confirmed" if facility.approval == "instant" else "held"
    _answer(session, booking, outcome=outcome, facility=facility)


def _keep(session: Session, booking: Booking, *, state: str) -> None:
    row = session.get(Slot, (session.context.tenant_id, booking.id))
    if row is None:
        times = {"starts_at": booking.starts_at, "ends_at": booking.ends_at, "since": session.clock.now()}
        row = Slot(booking_id=booking.id, facility_id=booking.facility_id, **times)
        session.add(row)
    row.state = state
    session.flush()


def _answer(
    session: Session, booking: Booking, *, outcome: str, because: str | None = None, facility: Facility | None = None
) -> None:
    """Tell whoever booked, by a command that this tenant signs; one's own booking is answered at once."""
    span = Span(booking.starts_at, booking.ends_at)
    price = None if facility is None else price_of(state_of(facility), span)
    check_in = facility is not None and facility.check_in
    arguments = {"outcome": outcome, "because": because, "price": price, "check_in": check_in}
    run_or_forward(session, command_of(answer_booking), key=booking.id, arguments=arguments)
