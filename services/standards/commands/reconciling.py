"""The daily look at all that rests on something: a net under what is heard, and the only way to notice a day's end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.standards.commands.following import (
    STEP,
    Cursor,
    follow_later,
    look_at_certificates,
    look_at_citations,
)
from services.standards.commands.resting import undecided
from services.standards.models import Consequence
from shared.core.calendar import day_of, start_of
from shared.journal.session import Session
from shared.journal.timers import TimerRow, schedule, timer

RECONCILE = "standards.consequence.reconcile"
EARLY = timedelta(minutes=10)
"""After midnight in Beijing, when what ended with the day before has ended."""
SPREAD = 3600
"""Seconds over which the tenants of a cell begin, each at its own."""


def watch(session: Session) -> None:
    """Have the tenant's dependants looked at every day from now on."""
    here = session.context.tenant_id
    if session.scalar(
        select(TimerRow.aggregate_id).where(
            TimerRow.name == RECONCILE, TimerRow.aggregate_id == here, TimerRow.done_at.is_(None)
        )
    ):
        return
    _tomorrow(session)


def _tomorrow(session: Session) -> None:
    here = session.context.tenant_id
    begin = EARLY + timedelta(seconds=here.int % SPREAD)
    due_at = start_of(day_of(session.clock.now()) + timedelta(days=1)) + begin
    schedule(session, RECONCILE, aggregate=here, due_at=due_at)


@timer(RECONCILE)
def reconcile(session: Session, key: UUID, params: Mapping[str, Any]) -> None:
    """Look at everything that rests on something, whatever was heard of it: also what ends with a day, as grants do.

    Per step of 500: about six statements, and a consequence for what fell unnoticed.
    """
    looks: tuple[Callable[..., Cursor], ...] = (_causes, look_at_citations, look_at_certificates)
    phase = params.get("phase", 0)
    after = looks[phase](session, None, after=params.get("after"))
    if after is None and phase + 1 == len(looks):
        _tomorrow(session)
        return
    given = {"phase": phase if after is not None else phase + 1, "after": after}
    schedule(session, RECONCILE, aggregate=key, due_at=session.clock.now(), params=given)


def _causes(session: Session, _cause: None, *, after: Cursor) -> Cursor:
    """One step through the causes of what may lapse, or be undone."""
    kind, cause = Consequence.cause_kind, Consequence.cause_id
    query = select(kind, cause).where(Consequence.home_id == session.context.tenant_id, undecided())
    if after is not None:
        query = query.where(cause > UUID(after[0]))
    rows = session.execute(query.distinct().order_by(cause).limit(STEP)).all()
    for one in rows:
        follow_later(session, one.cause_kind, cause=one.cause_id)
    return [str(rows[-1].cause_id)] if len(rows) == STEP else None
