"""The clocks of cases: counted when something happens, when a term is over, and when a calendar is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from events.requests import CaseDueChanged
from services.requests.domain.clocks import reckoned
from services.requests.models import Case
from shared.core.calendar import day_of, end_of
from shared.journal.session import Session
from shared.journal.timers import schedule, timer
from shared.reference.calendars import by_tenant
from shared.rules.working_days import Due, Reckoning

DUE = "requests.case.due"
"""The timer that is due when the last day of a case's present term is over."""
COUNT = "requests.case.count"
"""The timer that counts a case anew, soon after a calendar was published or revised."""


def standing(session: Session, case: Case) -> Reckoning | None:
    """How the present term stands, as it follows from the clocks; None before the first."""
    if not case.clocks:
        return None
    return reckoned(case.clocks[-1], calendars=by_tenant(session), today=day_of(session.clock.now()))


def last_day(session: Session, case: Case) -> Due | None:
    """Of the present term; None while nothing runs."""
    found = standing(session, case)
    return None if found is None else found.due


def days_of(session: Session, case: Case, *, owner: str) -> int:
    """How many days of the present term this side has needed; those of a pause are not its own."""
    found = standing(session, case)
    return 0 if found is None else found.used.get((owner, None), 0)


def is_over(session: Session, due: Due | None) -> bool:
    """Whether the last day has ended."""
    return due is not None and session.clock.now() >= end_of(due.day)


def count_anew(session: Session, case: Case) -> None:
    """Write down the last day of the present term, and set the timer for what happens after it; at once if it is over.

    What was found to be overdue needs no timer any more.
    """
    found = last_day(session, case)
    case.due_on = None if found is None else found.day
    case.due_is_provisional = found is not None and found.is_provisional
    case.is_overdue = case.is_overdue and is_over(session, found)
    due_at = None if found is None or case.is_overdue else end_of(found.day)
    schedule(session, DUE, aggregate=case.id, due_at=due_at)


@timer(COUNT, low_priority=True)
def follow_calendar(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """A calendar changed: count the case anew, and tell its parties if its last day is another one, or firm now."""
    case = session.locked(Case, key)
    before = case.due_on, case.due_is_provisional
    count_anew(session, case)
    if (case.due_on, case.due_is_provisional) != before:
        session.publish(case, CaseDueChanged(due_on=case.due_on, was_due_on=before[0]))
