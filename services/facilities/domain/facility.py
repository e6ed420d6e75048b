"""The facility: its kinds, its lifecycle, who may book it, and which times can be booked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.facilities.domain.hours import MINUTES_A_DAY, Span, slots_of, slots_within
from shared.core.calendar import day_of
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError
from shared.rules.lifecycle import Lifecycle, Step

READ, WRITE, BOOK, DECIDE = "facilities:read", "facilities:write", "facilities:book", "facilities:decide"
KINDS = ("instrument", "pilot_line", "room", "reception", "other")
APPROVALS = ("instant", "owner")
BOOKERS = ("tenants", "organisations")
OPEN = "open"
FACILITY_LIFECYCLE = Lifecycle(
    "facility",
    "draft",
    (
        Step("revise", ("draft",), "draft"),
        Step("revise", ("open",), "open"),
        Step("revise", ("closed",), "closed"),
        Step("open", ("draft", "closed"), "open"),
        Step("close", ("open",), "closed"),
    ),
    words="services.facilities",
)
LONGEST_DAYS = 14
"""Of one booking."""
Facility = Mapping[str, Any]
"""The state of one, as the register tells of it."""


def check_facility(facility: Facility) -> None:
    """What single fields do not say; raises `InvalidError`."""
    if facility["slot_minutes"] * facility["most_slots"] > LONGEST_DAYS * MINUTES_A_DAY:
        zh, en = f"一次预约最长 {LONGEST_DAYS} 天", f"makes a booking longer than {LONGEST_DAYS} days"
        raise InvalidError(
            "booking_length",
            f"{zh}。请减少每次最多时段数,或缩短时段。",
            f"A booking takes {LONGEST_DAYS} days at most. Allow fewer slots, or make them shorter.",
            [Fault("/most_slots", zh, en)],
        )


def may_book(facility: Facility, *, tenant: UUID, for_organisation: bool) -> bool:
    """Whether it is open to this tenant's people, or to organisations of this tenant."""
    who = "organisations" if for_organisation else "tenants"
    return who in facility["open_to"] and (not facility["only_for"] or str(tenant) in facility["only_for"])


def check_may_book(facility: Facility, *, tenant: UUID, for_organisation: bool) -> None:
    """Raises `ConflictError` while it is closed, `RefusedError` for whom it is not open to."""
    if facility["state"] != OPEN:
        raise ConflictError(
            "facility_closed",
            "该设施目前不接受预约。请选择其他设施,或与其所属方联系。",
            "This cannot be booked now. Choose another one, or ask its owner.",
        )
    if not may_book(facility, tenant=tenant, for_organisation=for_organisation):
        raise RefusedError(
            "facility_not_for_you",
            "该设施未向贵方开放预约。可预约的对象见设施说明。",
            "This is not open to you. Its page says who may book it.",
        )


def check_fits(facility: Facility, span: Span, *, people: int, now: datetime) -> None:
    """Raises `InvalidError` with a pointer to everything that keeps the time from being booked."""
    faults = list(_faults(facility, span, people=people, now=now))
    if faults:
        raise InvalidError(
            "booking_unfit",
            "该时间或人数不符合设施的预约规则。请按提示更正。",
            "The time or the number of people does not fit what can be booked. Correct what is named.",
            faults,
        )


def _faults(facility: Facility, span: Span, *, people: int, now: datetime) -> Iterator[Fault]:
    last = now + timedelta(days=facility["days_ahead"])
    if span.starts_at <= now:
        yield Fault("/starts_at", "开始时间须在现在之后", "must lie in the future")
    elif span.starts_at > last:
        days = facility["days_ahead"]
        yield Fault("/starts_at", f"最多提前 {days} 天预约", f"can be booked {days} days ahead at most")
    if people > facility["capacity"]:
        most = facility["capacity"]
        yield Fault("/people", f"最多容纳 {most} 人", f"it holds {most} people at most")
    number = slots_of_booking(facility, span)
    minutes = facility["slot_minutes"]
    if number == 0:
        zh = f"须由开放时间内连续的时段组成,每段 {minutes} 分钟"
        yield Fault("/ends_at", zh, f"must be whole slots of {minutes} minutes within the opening hours")
    elif number > facility["most_slots"]:
        most = facility["most_slots"]
        yield Fault("/ends_at", f"一次最多 {most} 个时段", f"{most} slots at a time at most")


def slots_of_booking(facility: Facility, span: Span) -> int:
    """Of how many slots a time is made; 0 where it is made of none."""
    first, last = day_of(span.starts_at), day_of(span.ends_at)
    if not span.starts_at < span.ends_at or (last - first).days > LONGEST_DAYS:
        return 0
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return slots_within(span, slots=(one for day in days for one in day_slots(facility, day)))


def day_slots(facility: Facility, day: Any) -> list[Span]:
    """The slots of one day."""
    minutes, closed = facility["slot_minutes"], facility["closed_days"]
    return slots_of(day, hours=facility["hours"], slot_minutes=minutes, closed_days=closed)


def hours_of(span: Span) -> Decimal:
    """Its length in hours, to the hundredth."""
    seconds = Decimal(int((span.ends_at - span.starts_at).total_seconds()))
    return (seconds / 3600).quantize(Decimal("0.01"))


def price_of(facility: Facility, span: Span) -> Decimal | None:
    """By the hour; None where it is free of charge."""
    per_hour = facility["hourly_price"]
    return None if per_hour is None else (Decimal(per_hour) * hours_of(span)).quantize(Decimal("0.01"))
