"""The booking: its lifecycle, who may do what with it, and what its owner believes of whoever booked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from events import facilities as events
from events.canonical import Json
from events.entry import Entry
from shared.core.calendar import read_moment
from shared.core.errors import ConflictError, RefusedError
from shared.rules.lifecycle import Lifecycle, Step
from shared.rules.signed_commands import Commands, command_behind

UNDECIDED = ("requested", "held", "waiting")
BOOKING_LIFECYCLE = Lifecycle(
    "booking",
    "requested",
    (
        Step("hold", ("requested", "waiting"), "held"),
        Step("confirm", ("requested", "waiting"), "confirmed"),
        Step("queue", ("requested",), "waiting"),
        Step("turn_away", UNDECIDED, "refused"),
        Step("approve", ("held",), "confirmed"),
        Step("refuse", UNDECIDED, "refused"),
        Step("wait", ("refused",), "requested"),
        Step("arrive", ("confirmed",), "confirmed"),
        Step("cancel", (*UNDECIDED, "confirmed"), "cancelled"),
        Step("use", ("confirmed",), "used"),
        Step("miss", ("confirmed",), "no_show"),
    ),
    words="services.facilities",
)
OUTCOMES = {"held": "hold", "confirmed": "confirm", "waiting": "queue", "refused": "turn_away"}
"""What the owner's tenant answers to a request, and the step that follows."""
TAKEN, CLOSED, UNFIT, UNANSWERED, OWNER = REASONS = ("taken", "closed", "unfit", "unanswered", "owner")
"""Why nothing came of a request: the last is the owner's own reason, in words."""
ANSWER, OWNERS = "facilities.booking.answer", ("approve", "refuse", "arrive", "use", "miss")
COMMAND_OF: Mapping[str, str] = {
    events.BookingHeld.type: ANSWER,
    events.BookingConfirmed.type: ANSWER,
    events.BookingQueued.type: ANSWER,
    events.BookingTurnedAway.type: ANSWER,
    events.BookingApproved.type: "facilities.booking.approve",
    events.BookingRefused.type: "facilities.booking.refuse",
    events.BookingArrived.type: "facilities.booking.arrive",
    events.BookingCancelled.type: "facilities.booking.cancel",
    events.BookingUsed.type: "facilities.booking.use",
    events.BookingMissed.type: "facilities.booking.miss",
}
"""By what is said of a booking: the command with which its owner asks for it."""
ENDED_BY_TIME = (events.BookingUsed.type, events.BookingMissed.type)
BY_HOME = (events.BookingTurnedAway.type, events.BookingCancelled.type, *ENDED_BY_TIME)
"""Of these, what whoever booked may say without the owner."""
STATE_AFTER: Mapping[str, str] = {
    events.BookingRequested.type: "requested",
    events.BookingAwaited.type: "requested",
    events.BookingHeld.type: "held",
    events.BookingConfirmed.type: "confirmed",
    events.BookingQueued.type: "waiting",
    events.BookingTurnedAway.type: "refused",
    events.BookingApproved.type: "confirmed",
    events.BookingRefused.type: "refused",
    events.BookingArrived.type: "confirmed",
    events.BookingCancelled.type: "cancelled",
    events.BookingUsed.type: "used",
    events.BookingMissed.type: "no_show",
}
"""No state comes about by an event of another name."""
FIXED = ("facility_id", "owner_id", "organisation_id", "starts_at", "ends_at", "people")
OWNERS_WORD = ("price", "check_in", "arrived_at")
"""Columns that only an act of the owner changes."""


def possible(row: Any, *, tenant: UUID, now: datetime) -> list[str]:
    """What this tenant may do now: its owner decides, whoever booked waits, both cancel."""
    mine = {"cancel"} if tenant in (row.home_id, row.owner_id) else set()
    mine |= set(OWNERS) if tenant == row.owner_id else set()
    mine |= {"wait"} if tenant == row.home_id and row.because == TAKEN else set()
    return [one for one in BOOKING_LIFECYCLE.actions(row.state) if one in mine and _in_time(row, one, now=now)]


def _in_time(row: Any, action: str, *, now: datetime) -> bool:
    if action == "arrive":
        return row.arrived_at is None and now < row.ends_at
    if action == "miss":
        return row.arrived_at is None and row.starts_at <= now
    if action == "use":
        return bool(row.starts_at <= now)
    return bool(now < (row.starts_at if action == "wait" else row.ends_at))


def check_owner(tenant: UUID, owner: UUID) -> None:
    """Raises `RefusedError` for all but the owner of what is booked."""
    if tenant != owner:
        raise RefusedError(
            "owner_only",
            "只有设施的所属方可以审批预约和登记使用。如有疑问,请与其联系。",
            "Only the owner of the facility decides about bookings and notes their use. Ask it if you have a question.",
        )


def check_home(tenant: UUID, home: UUID) -> None:
    """Raises `RefusedError` for all but whoever booked."""
    if tenant != home:
        raise RefusedError(
            "booker_only",
            "只有预约方可以申请候补。",
            "Only whoever asked for the time can wait for it.",
        )


def check_in_time(row: Any, action: str, *, now: datetime) -> None:
    """Raises `ConflictError` where it is too early or too late for this."""
    if not _in_time(row, action, now=now):
        raise ConflictError(
            "booking_time",
            "现在不能执行此操作:预约尚未开始、已经结束,或已登记到场。请核对预约时间。",
            "This is not possible now: the booking has not begun, is over, or they have come. Look at its time.",
        )


def check_may_wait(row: Any) -> None:
    """Raises `ConflictError` unless it came to nothing because the time was taken."""
    if row.because != TAKEN:
        raise ConflictError(
            "nothing_to_wait_for",
            "只有因时段已被占用而未成的预约可以候补。请另选时段重新预约。",
            "Only what was refused because the time is taken can wait for it. Choose another time and book anew.",
        )


def commands_behind(entry: Entry, state: Mapping[str, Json]) -> Commands:
    """The owner's command where the entry says what the owner does; raises ValueError where it is another or none."""
    found, wanted = command_behind(entry), COMMAND_OF.get(entry.type)
    if not found:
        if wanted is not None and entry.type not in BY_HOME and str(entry.home) != state["owner_id"]:
            raise ValueError("the owner did not ask for this")
        return found
    [(tenant, command)] = found
    if (str(tenant), command["document"]["name"]) != (state["owner_id"], wanted):
        raise ValueError("the owner asked for something else")
    params = command["document"]["params"]
    if wanted == ANSWER and (params["outcome"], _amount(params["price"])) != (state["state"], _amount(state["price"])):
        raise ValueError("the owner answered otherwise")
    return found


def _amount(written: Json) -> Decimal | None:
    return None if written is None else Decimal(written)


def check_follows(entry: Entry, state: Mapping[str, Json], *, before: Json) -> None:
    """Raises ValueError where home says what it may not: another time, another price, a use before its end."""
    by_owner = str(entry.actor.tenant) == state["owner_id"]
    if entry.type in ENDED_BY_TIME and not by_owner and entry.occurred_at < read_moment(state["ends_at"]):
        raise ValueError("it is not over yet")
    if before is None:
        # Later versions come first where a tenant lost its rows, or joined by a snapshot.
        if entry.version == 1 and (entry.type, state["state"]) != (events.BookingRequested.type, "requested"):
            raise ValueError("it does not begin with a request")
        return
    if state["state"] != STATE_AFTER.get(entry.type, before["state"]):
        raise ValueError(f"{state['state']} does not come about by {entry.type}")
    if not BOOKING_LIFECYCLE.leads(before["state"], state["state"]):
        raise ValueError(f"no step leads from {before['state']} to {state['state']}")
    if any(state[name] != before[name] for name in FIXED):
        raise ValueError("it is another booking now")
    if not by_owner and any(state[name] != before[name] for name in OWNERS_WORD):
        raise ValueError("the owner did not say so")
