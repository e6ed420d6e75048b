"""Propagation: from what stopped, or counts again, to every dependant of this tenant, in small steps by timer.

Each step is a transaction of its own that says where the next one begins. What is done follows from what the cause is
now, so doing it again, or late, or in another order, changes nothing. Once a day all that rests on something is looked
at in the same steps: a net under what is received, and the only way to notice a day's end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_, update

from services.standards.commands.consequences import Opening, update_consequences
from services.standards.commands.dependants import (
    causes_with_dependants,
    cites_any,
    dependants_of,
    depends_on_any,
    undecided,
)
from services.standards.commands.dependencies import Cause, cause_of, cited_id, lock_cause
from services.standards.domain.dependencies import CERTIFICATE, LIVING, RECOGNITION, Dependant
from services.standards.models import Certificate, Citation, Consequence
from shared.core.calendar import day_of, start_of
from shared.journal.session import Session
from shared.journal.timers import TimerRow, schedule, timer

PROPAGATE, LOOK_DAILY = "standards.consequence.follow", "standards.consequence.reconcile"
"""Timers of a cause, and of the tenant itself."""
STEP = 500
"""Dependants of a step: about a second of work where each of them gets a consequence."""
LOOKED_AT = "standards.following.looked_at"
"""Where a session keeps count of the dependants that were looked at in its transaction."""
EARLY = timedelta(minutes=10)
"""After midnight in Beijing, when what ended with the day before has ended."""
SPREAD = 3600
"""Seconds over which the tenants of a cell begin their daily look, each at its own."""
Cursor = list[str] | None


def propagate(session: Session, kind: str, *, cause: UUID) -> None:
    """Begin with what rests on this cause; what is more than a step goes on by timer.

    Under the cause's lock: before it, one that is just registering would not be seen.
    """
    lock_cause(session, kind, cause=cause)
    if kind == RECOGNITION:
        _begin(session, kind, cause=cause)
    else:
        propagate_locked(session, kind, causes=[cause])


def propagate_locked(session: Session, kind: str, *, causes: Collection[UUID]) -> None:
    """The same for certificates, bodies or standards that the caller has locked alone.

    Where nothing is concerned, that is one statement, whatever their number.
    """
    for cause in causes_with_dependants(session, kind, causes=causes):
        _begin(session, kind, cause=cause)


def _begin(session: Session, kind: str, *, cause: UUID) -> None:
    """At once, or by timer what comes after a step's worth in the same transaction."""
    if session.info.get(LOOKED_AT, 0) >= STEP:
        propagate_later(session, kind, cause=cause)
    elif (found := cause_of(session, kind, key=cause)) is not None:
        _run(session, found, place={})


def propagate_later(session: Session, kind: str, *, cause: UUID) -> None:
    """In a transaction of its own, as soon as this one is committed."""
    given = {"kind": kind, "cause": str(cause)}
    schedule(session, PROPAGATE, aggregate=cause, due_at=session.clock.now(), params=given)


def propagate_recognitions(session: Session, recognition: UUID) -> None:
    """From it, and from those of which something waits here: what counted by one may count by another now."""
    kind, cause = Consequence.cause_kind, Consequence.cause_id
    waiting = Consequence.home_id == session.context.tenant_id, kind == RECOGNITION, undecided()
    others = session.scalars(select(cause).where(*waiting).distinct().order_by(cause).limit(STEP))
    for key in {recognition, *others}:
        propagate_later(session, RECOGNITION, cause=key)


@timer(PROPAGATE)
def next_step(session: Session, _key: UUID, params: Mapping[str, Any]) -> None:
    """Begin, or take the next step."""
    kind, cause = params["kind"], UUID(params["cause"])
    if "phase" not in params:
        propagate(session, kind, cause=cause)
        return
    # Each step anew: what lapses by what the register said before the lock could have stopped again since.
    lock_cause(session, kind, cause=cause)
    if (found := cause_of(session, kind, key=cause)) is not None:
        _run(session, found, place=params)


def look_daily(session: Session) -> None:
    """Have the tenant's dependants looked at every day from now on."""
    mine = TimerRow.name == LOOK_DAILY, TimerRow.aggregate_id == session.context.tenant_id
    if not session.scalar(select(TimerRow.aggregate_id).where(*mine, TimerRow.done_at.is_(None))):
        _look_tomorrow(session)


def _look_tomorrow(session: Session) -> None:
    here = session.context.tenant_id
    begin = EARLY + timedelta(seconds=here.int % SPREAD)
    due_at = start_of(day_of(session.clock.now()) + timedelta(days=1)) + begin
    schedule(session, LOOK_DAILY, aggregate=here, due_at=due_at)


@timer(LOOK_DAILY)
def daily_step(session: Session, _key: UUID, params: Mapping[str, Any]) -> None:
    """Look at everything that rests on something, whatever was received: also what ends with a day, as grants do.

    Per step of 500: about six statements, and a consequence for what broke unnoticed.
    """
    if _run(session, None, place=params):
        _look_tomorrow(session)


def _run(session: Session, cause: Cause | None, *, place: Mapping[str, Any]) -> bool:
    """Steps through all that may rest on the cause, without one on anything; False where a timer goes on with it."""
    after = place.get("after")
    for phase in range(place.get("phase", 0), len(PHASES)):
        after = PHASES[phase](session, cause, after=after)
        if after is not None:
            name, key, given = LOOK_DAILY, session.context.tenant_id, {}
            if cause is not None:
                name, key = PROPAGATE, cause.dependency.id
                given = {"kind": cause.dependency.kind, "cause": str(key)}
            place = {**given, "phase": phase, "after": after}
            schedule(session, name, aggregate=key, due_at=session.clock.now(), params=place)
            return False
    return True


def look_at_consequences(session: Session, cause: Cause | None, *, after: Cursor) -> Cursor:
    """One step through the consequences there are of it; without a cause, through the causes of all.

    What is found here need not rest on it any more.
    """
    mine = Consequence.home_id == session.context.tenant_id, undecided()
    if cause is None:
        return _look_at_causes(session, mine, after=after)
    query = select(Consequence).where(*mine, Consequence.cause_id == cause.dependency.id)
    if after is not None:
        query = query.where(Consequence.id > UUID(after[0]))
    rows = session.scalars(query.order_by(Consequence.id).limit(STEP)).all()
    found = [
        Dependant(row.dependant_kind, row.dependant_id, row.reference, cited_id(session, row.reference)) for row in rows
    ]
    _look_at(session, found, cause=cause, opening=Opening.NO)
    return [str(rows[-1].id)] if len(rows) == STEP else None


def _look_at_causes(session: Session, mine: Sequence[ColumnElement[bool]], *, after: Cursor) -> Cursor:
    """Each in a transaction of its own: what lapses or is to be undone is decided under the cause's lock."""
    kind, cause = Consequence.cause_kind, Consequence.cause_id
    query = select(kind, cause).where(*mine)
    if after is not None:
        query = query.where(cause > UUID(after[0]))
    rows = session.execute(query.distinct().order_by(cause).limit(STEP)).all()
    for one in rows:
        propagate_later(session, one.cause_kind, cause=one.cause_id)
    return [str(rows[-1].cause_id)] if len(rows) == STEP else None


def look_at_citations(session: Session, cause: Cause | None, *, after: Cursor) -> Cursor:
    """One step through the citations that may rest on it, or without a cause through all."""
    order = (Citation.reference, Citation.citing_kind, Citation.citing_id)
    query = select(Citation).where(dependants_of(cites_any, session, cause=cause))
    if after is not None:
        query = query.where(tuple_(*order) > (after[0], after[1], UUID(after[2])))
    rows = session.scalars(query.order_by(*order).limit(STEP)).all()
    for row in [row for row in rows if row.cited_id is None]:
        # Who issued it was not known when it was cited.
        row.cited_id = cited_id(session, row.reference)
        if row.cited_id is not None:
            named = update(Citation).where(Citation.reference == row.reference).values(cited_id=row.cited_id)
            session.execute(named)
    found = [Dependant(row.citing_kind, row.citing_id, row.reference, row.cited_id) for row in rows]
    _look_at(session, found, cause=cause)
    last = rows[-1] if len(rows) == STEP else None
    return None if last is None else [last.reference, last.citing_kind, str(last.citing_id)]


def look_at_certificates(session: Session, cause: Cause | None, *, after: Cursor) -> Cursor:
    """The same through the tenant's own certificates."""
    own = Certificate.home_id == session.context.tenant_id, Certificate.state.in_(LIVING)
    query = select(Certificate.id, Certificate.number).where(*own)
    query = query.where(dependants_of(depends_on_any, session, cause=cause))
    if after is not None:
        query = query.where(Certificate.id > UUID(after[0]))
    rows = session.execute(query.order_by(Certificate.id).limit(STEP)).all()
    _look_at(session, [own_certificate(key, number) for key, number in rows], cause=cause)
    return [str(rows[-1].id)] if len(rows) == STEP else None


def own_certificate(key: UUID, number: str) -> Dependant:
    """A certificate of this tenant, as what rests on its standard, its body and what it is based on."""
    return Dependant(CERTIFICATE, key, f"certificate:{number}", key)


def _look_at(
    session: Session, found: Sequence[Dependant], *, cause: Cause | None, opening: Opening = Opening.UNLESS_DECIDED
) -> None:
    session.info[LOOKED_AT] = session.info.get(LOOKED_AT, 0) + len(found)
    update_consequences(session, found, cause=cause, opening=opening)


PHASES: tuple[Callable[..., Cursor], ...] = (look_at_consequences, look_at_citations, look_at_certificates)
