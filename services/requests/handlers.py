"""Calendars of working days: cases whose term touches a year are counted anew when its days are set or changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from events.calendars import CalendarPublished, CalendarRevised
from services.requests.commands.counting import COUNT
from services.requests.models import Case
from shared.commands.handlers import ReceivedEvent, handles_everywhere
from shared.journal.session import Session
from shared.journal.timers import schedule_all


@handles_everywhere(CalendarPublished, CalendarRevised)
def follow_calendars(session: Session, received: Sequence[ReceivedEvent[Any]]) -> None:
    """Soon, each case in a transaction of its own: those at home here whose last day lies in or after the year.

    A case that stands still has no last day, and is counted when it goes on.
    """
    first = min(date(one.state["year"], 1, 1) for one in received)
    query = select(Case.id).where(Case.home_id == session.context.tenant_id, Case.due_on >= first)
    schedule_all(session, COUNT, due=dict.fromkeys(session.scalars(query), session.clock.now()))
