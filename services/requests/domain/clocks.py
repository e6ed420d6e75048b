"""The clocks of a case: each a term with the turns it was counted through, all kept, the last one running or over.

A clock is a document in the case's state, `{"clock", "days", "unit", "extra", "calendar", "turns"}`; `calendar` is the
tenant by whose working days it is counted, `turns` are `{"since", "owner", "ground"}` (`shared.rules.working_days`).
Due dates follow from these alone. So a change of rule, handler or calendar loses no day and no pause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from events.canonical import Json, instant
from shared.core.calendar import read_moment
from shared.rules.working_days import Reckoning, Term, Turn, WorkingDays

ACCEPTANCE, SUPPLEMENT, ANSWER, DELIVERY, CONFIRMATION = CLOCKS = (
    "acceptance", "supplement", "answer", "delivery", "confirmation",
)  # fmt: skip
CONFIRMED_WITHIN: Mapping[str, Any] = {"days": 10, "unit": "working"}
"""An applicant that says nothing to a decision it has is content with it: our own rule, for no law sets one."""
APPLICANT = "applicant"
"""The owner of days that are neither tenant's."""
GROUNDS = ("hearing", "inspection", "testing", "expert_review", "consultation")
"""What a term may stand still for: 行政许可法(2019 修正) art. 45; consultation: 政府信息公开条例(2019) art. 32, 34."""
Clocks = Sequence[Mapping[str, Any]]
Calendars = Callable[[UUID], WorkingDays]


class Side(NamedTuple):
    """Against whom a clock runs, and by whose working days."""

    owner: str
    calendar: UUID


def of_handler(tenant: UUID) -> Side:
    """The tenant that handles the case, by its own working days."""
    return Side(str(tenant), tenant)


def of_applicant(home: UUID) -> Side:
    """The applicant, by the working days where it filed."""
    return Side(APPLICANT, home)


def begun(clocks: Clocks, *, clock: str, term: Mapping[str, Any], side: Side, now: datetime) -> Any:
    """The clocks, the one before stopped, with a new one that runs from `now` against one side."""
    new = {
        "clock": clock, "days": term["days"], "unit": term["unit"], "extra": 0, "calendar": str(side.calendar),
        "turns": [_turn(now, owner=side.owner)],
    }  # fmt: skip
    return [*stopped(clocks, now=now), new]


def turned(clocks: Clocks, *, owner: str | None, now: datetime, ground: str | None = None, **changed: Json) -> Any:
    """The clocks, the last one from `now` on another's turn; `changed` are its days, extra days or calendar."""
    *before, last = clocks
    return [*before, {**last, **changed, "turns": [*last["turns"], _turn(now, owner=owner, ground=ground)]}]


def stopped(clocks: Clocks, *, now: datetime) -> Any:
    """The clocks, none of which runs any more."""
    is_running = bool(clocks) and clocks[-1]["turns"][-1]["owner"] is not None
    return turned(clocks, owner=None, now=now) if is_running else list(clocks)


def ground_of(clocks: Clocks) -> str | None:
    """What the case stands still for, if it does."""
    ground: str | None = clocks[-1]["turns"][-1]["ground"] if clocks else None
    return ground


def reckoned(clock: Mapping[str, Any], *, calendars: Calendars, today: date) -> Reckoning:
    """How a clock stands on a day."""
    turns = [Turn(read_moment(one["since"]), one["owner"], one["ground"]) for one in clock["turns"]]
    term = Term(clock["days"] + clock["extra"], clock["unit"])
    return term.reckon(turns, calendar=calendars(UUID(clock["calendar"])), until=today)


def _turn(since: datetime, *, owner: str | None, ground: str | None = None) -> dict[str, Json]:
    return {"since": instant(since), "owner": owner, "ground": ground}
