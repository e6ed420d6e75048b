"""What the facilities service publishes: shared instruments, pilot lines and rooms, and who has booked them when."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from events.canonical import Json
from events.catalog import Change, event
from events.text import FreeText


@event("facilities.facility.drafted.v1", zh="起草共享设施", en="Facility drafted")
class FacilityDrafted(Change):
    """A facility is described; nobody else sees it yet."""

    name_zh: str
    kind: str


@event("facilities.facility.revised.v1", zh="修改共享设施", en="Facility revised")
class FacilityRevised(Change):
    """`changes` holds the new values; bookings that were confirmed before stay as they are."""

    changes: dict[str, Json]


@event("facilities.facility.opened.v1", zh="开放预约", en="Facility open for booking")
class FacilityOpened(Change):
    """From now on it can be booked by those whom it names."""


@event("facilities.facility.closed.v1", zh="停止预约", en="Facility closed")
class FacilityClosed(Change):
    """Nothing new is booked; what was confirmed stays unless it is cancelled."""

    reason: FreeText


@event("facilities.occupancy.changed.v1", zh="占用时段有变化", en="Taken times changed")
class OccupancyChanged(Change):
    """Which times of a week are taken, not by whom."""

    facility: UUID
    monday: date


@event("facilities.booking.requested.v1", zh="提出预约", en="Booking requested")
class BookingRequested(Change):
    """Its owner decides who has the time."""

    facility: UUID
    starts_at: datetime
    ends_at: datetime


@event("facilities.booking.awaited.v1", zh="申请候补", en="Asked for a place on the waiting list")
class BookingAwaited(Change):
    """After a refusal because the time was taken, it shall wait for it."""


@event("facilities.booking.held.v1", zh="时段已保留,待审批", en="Time held, waiting for approval")
class BookingHeld(Change):
    """Nobody else gets the time until its owner has decided."""


@event("facilities.booking.confirmed.v1", zh="预约已确认", en="Booking confirmed")
class BookingConfirmed(Change):
    """The time is free and no approval is needed; `price` is None where it is free of charge."""

    price: Decimal | None


@event("facilities.booking.queued.v1", zh="进入候补", en="On the waiting list")
class BookingQueued(Change):
    """The time is taken; it gets it when it becomes free."""


@event("facilities.booking.turned_away.v1", zh="未能预约", en="Booking not possible")
class BookingTurnedAway(Change):
    """`because` is the reason, out of a closed list."""

    because: str


@event("facilities.booking.approved.v1", zh="预约获批准", en="Booking approved")
class BookingApproved(Change):
    """Its owner agrees; the time was held."""


@event("facilities.booking.refused.v1", zh="预约未获批准", en="Booking refused")
class BookingRefused(Change):
    """Its owner does not agree; the time is free again."""

    reason: FreeText


@event("facilities.booking.cancelled.v1", zh="取消预约", en="Booking cancelled")
class BookingCancelled(Change):
    """By whoever booked, or by the owner; the time is free again."""

    reason: FreeText


@event("facilities.booking.arrived.v1", zh="已到场", en="Arrived")
class BookingArrived(Change):
    """Its owner has seen them come."""


@event("facilities.booking.used.v1", zh="已使用", en="Used")
class BookingUsed(Change):
    """It is over; `hours` are those of use."""

    hours: Decimal


@event("facilities.booking.missed.v1", zh="未到场", en="Did not come")
class BookingMissed(Change):
    """Nobody came."""
