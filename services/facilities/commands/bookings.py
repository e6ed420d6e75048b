"""Writes of bookings at the tenant that books: requested, answered, decided by the owner, cancelled, used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from events import facilities as events
from events.text import FreeText
from services.facilities.domain import booking as rules
from services.facilities.domain.booking import BOOKING_LIFECYCLE
from services.facilities.domain.facility import check_fits, check_may_book, hours_of
from services.facilities.domain.hours import Span
from services.facilities.models import Booking
from services.facilities.models.known import known_facility
from shared.commands.registry import command
from shared.journal.session import Session
from shared.journal.timers import schedule, timer

DUE = "facilities.booking.due"
"""The timer at the beginning of a booking, and at its end."""


def request_booking(
    session: Session, *, facility: UUID, starts_at: datetime, ends_at: datetime, **asked: Any
) -> Booking:
    """Ask the owner for a time, for one's own organisation where somebody acts for one, else for the tenant."""
    known, span, context = known_facility(session, facility), Span(starts_at, ends_at), session.context
    check_may_book(known, tenant=context.tenant_id, for_organisation=context.organisation_id is not None)
    check_fits(known, span, people=asked["people"], now=session.clock.now())
    owner = UUID(known["tenant"])
    session.directory.check_active(session, {"/facility": owner})
    row = session.create(
        Booking,
        parties=sorted({context.tenant_id, owner}),
        facility_id=facility,
        owner_id=owner,
        organisation_id=context.organisation_id,
        name_zh=known["name_zh"],
        name_en=known["name_en"],
        starts_at=starts_at,
        ends_at=ends_at,
        state=BOOKING_LIFECYCLE.initial,
        check_in=False,
        **asked,
    )
    schedule(session, DUE, aggregate=row.id, due_at=starts_at)
    session.publish(row, events.BookingRequested(facility=facility, starts_at=starts_at, ends_at=ends_at))
    return row


@command("facilities.booking.wait", Booking)
def wait_booking(session: Session, key: UUID) -> Booking:
    """What was refused because the time was taken waits for it after all."""
    row = session.locked(Booking, key)
    rules.check_home(session.context.party, row.home_id)
    BOOKING_LIFECYCLE.move(row, "wait")
    rules.check_may_wait(row)
    rules.check_in_time(row, "wait", now=session.clock.now())
    row.waits, row.because = True, None
    session.publish(row, events.BookingAwaited())
    return row


@command(rules.ANSWER, Booking)
def answer_booking(session: Session, key: UUID, *, outcome: str, because: str | None, **terms: Any) -> Booking:
    """What the owner's tenant found out: the time is theirs, on its terms, or held until it is approved, or taken."""
    row = session.locked(Booking, key)
    rules.check_owner(session.context.party, row.owner_id)
    BOOKING_LIFECYCLE.move(row, rules.OUTCOMES[outcome])
    row.because = because
    if outcome in ("held", "confirmed"):
        row.price, row.check_in = terms["price"], terms["check_in"]
    changes: Mapping[str, Any] = {
        "held": events.BookingHeld(),
        "confirmed": events.BookingConfirmed(price=row.price),
        "waiting": events.BookingQueued(),
        "refused": events.BookingTurnedAway(because=because or rules.TAKEN),
    }
    session.publish(row, changes[outcome])
    return row


@command("facilities.booking.approve", Booking)
def approve_booking(session: Session, key: UUID) -> Booking:
    """The owner agrees."""
    row = _moved_by_owner(session, key, action="approve")
    session.publish(row, events.BookingApproved())
    return row


@command("facilities.booking.refuse", Booking)
def refuse_booking(session: Session, key: UUID, *, reason: FreeText) -> Booking:
    """The owner does not agree."""
    row = _moved_by_owner(session, key, action="refuse")
    row.because, row.reason_digest = rules.OWNER, reason.digest
    session.publish(row, events.BookingRefused(reason=reason))
    return row


@command("facilities.booking.cancel", Booking)
def cancel_booking(session: Session, key: UUID, *, reason: FreeText) -> Booking:
    """Whoever booked, or the owner, gives the time back."""
    row = session.locked(Booking, key)
    BOOKING_LIFECYCLE.move(row, "cancel")
    rules.check_in_time(row, "cancel", now=session.clock.now())
    row.reason_digest = reason.digest
    session.publish(row, events.BookingCancelled(reason=reason))
    return row


@command("facilities.booking.arrive", Booking)
def arrive_booking(session: Session, key: UUID) -> Booking:
    """The owner has seen them come."""
    row = _moved_by_owner(session, key, action="arrive")
    row.arrived_at = session.clock.now()
    session.publish(row, events.BookingArrived())
    return row


@command("facilities.booking.use", Booking)
def use_booking(session: Session, key: UUID, *, used_hours: Decimal | None) -> Booking:
    """The owner notes the hours of use, where they are not those that were booked."""
    row = _moved_by_owner(session, key, action="use")
    return _used(session, row, hours=used_hours)


@command("facilities.booking.miss", Booking)
def miss_booking(session: Session, key: UUID) -> Booking:
    """The owner notes that nobody came; the rest of the time is free again."""
    row = _moved_by_owner(session, key, action="miss")
    session.publish(row, events.BookingMissed())
    return row


@timer(DUE)
def look_at_booking(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """When it begins, what is not decided comes to nothing; when it ends, what was confirmed was used, or missed."""
    row = session.locked(Booking, key)
    if row.state in rules.UNDECIDED:
        BOOKING_LIFECYCLE.move(row, "turn_away")
        row.because = rules.UNANSWERED
        session.publish(row, events.BookingTurnedAway(because=rules.UNANSWERED))
    elif row.state == "confirmed" and session.clock.now() < row.ends_at:
        schedule(session, DUE, aggregate=key, due_at=row.ends_at)
    elif row.state == "confirmed" and row.check_in and row.arrived_at is None:
        BOOKING_LIFECYCLE.move(row, "miss")
        session.publish(row, events.BookingMissed())
    elif row.state == "confirmed":
        BOOKING_LIFECYCLE.move(row, "use")
        _used(session, row, hours=None)


def _used(session: Session, row: Booking, *, hours: Decimal | None) -> Booking:
    """So many hours, or those that were booked."""
    row.used_hours = hours_of(Span(row.starts_at, row.ends_at)) if hours is None else hours
    session.publish(row, events.BookingUsed(hours=row.used_hours))
    return row


def _moved_by_owner(session: Session, key: UUID, *, action: str) -> Booking:
    row = session.locked(Booking, key)
    rules.check_owner(session.context.party, row.owner_id)
    BOOKING_LIFECYCLE.move(row, action)
    rules.check_in_time(row, action, now=session.clock.now())
    return row
