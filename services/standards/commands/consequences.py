"""Consequences: opened where a ground no longer carries, escalated, lapsed when it carries again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.catalog import Change
from events.standards import ConsequenceEscalated, ConsequenceLapsed, ConsequenceOpened
from services.standards.commands.grounds import Fallen
from services.standards.commands.stops import EARLIER, Key, Stop, when_stopped
from services.standards.domain import consequences as rules
from services.standards.domain.consequences import (
    RECOGNITION,
    RESTORATION,
    REVIEW,
    UNDOABLE,
    Dependant,
    Document,
)
from services.standards.domain.lifecycles import CONSEQUENCE_LIFECYCLE
from services.standards.domain.recognition import other_side
from services.standards.models import Consequence
from shared.core.calendar import day_of, end_of
from shared.journal.session import Session
from shared.journal.timers import cancel, schedule, schedule_all, timer

ESCALATE = "standards.consequence.escalate"


def open_reviews(session: Session, found: Sequence[Fallen], *, anew: bool = False) -> int:
    """One for each, unless there is one for this stop; `anew` where what was dealt with has come to be cited again.

    One that lapsed is opened again: a ground that comes and goes makes no more of them each time.
    """
    stops = list({stop.key: stop for stop in when_stopped(session, found)}.values())
    known = _reviews(session, stops)
    changes = [
        _opened(session, stop, known=known.get(stop.key, ()))
        for stop in stops
        if _is_new(stop, known.get(stop.key, ()), anew=anew)
    ]
    _publish_open(session, changes)
    return len(changes)


def _is_new(stop: Stop, known: Sequence[Consequence], *, anew: bool) -> bool:
    # What stopped longer ago than is looked at was heard of then, and what was decided since is about it.
    moments = (stop.at,) if stop.position != EARLIER else {row.cause_at for row in known}
    dealt_with = any(row.state == "closed" and row.cause_at in moments for row in known)
    return not any(row.state == "open" for row in known) and (anew or not dealt_with)


def _reviews(session: Session, stops: Sequence[Stop]) -> dict[Key, list[Consequence]]:
    causes, dependants = {stop.found.cause for stop in stops}, {stop.found.dependant.id for stop in stops}
    here = Consequence.home_id == session.context.tenant_id, Consequence.purpose == REVIEW
    query = select(Consequence).where(*here, Consequence.cause_id.in_(causes), Consequence.dependant_id.in_(dependants))
    found: dict[Key, list[Consequence]] = {}
    for row in session.scalars(query) if stops else ():
        found.setdefault((row.cause_id, row.dependant_id, row.reference), []).append(row)
    return found


def _opened(session: Session, stop: Stop, *, known: Sequence[Consequence]) -> tuple[Consequence, Change]:
    one, dependant = stop.found, stop.found.dependant
    at = {"cause_at": stop.at, "cause_state": rules.cause_state(one.kind, stop.state)}
    if lapsed := _lapsed(known):
        return _reopened(session, lapsed.id, at=at)
    nonce = rules.consequence_nonce(one.cause, dependant, at=stop.at, occasion=_occasion(known))
    named = {"cause_kind": one.kind, "cause_id": one.cause, "cause_key": rules.cause_key(one.kind, one.document)}
    origin = _origin(session, one.kind, document=one.document)
    return _made(session, REVIEW, nonce=nonce, fields={**named, **at, "origin": origin, **_named(dependant)})


def _lapsed(known: Sequence[Consequence]) -> Consequence | None:
    """The last of them that lapsed."""
    return max((row for row in known if row.state == "lapsed"), key=lambda row: row.updated_at, default=None)


def _occasion(known: Sequence[Consequence]) -> str:
    """How many there are already: one that was opened again stands for another moment than its id was made of."""
    return str(len(known)) if known else ""


def _named(dependant: Dependant) -> dict[str, Any]:
    return {"dependant_kind": dependant.kind, "dependant_id": dependant.id, "reference": dependant.reference}


def _made(session: Session, purpose: str, *, nonce: str, fields: Mapping[str, Any]) -> tuple[Consequence, Change]:
    row = session.create(
        Consequence, parties=sorted({session.context.tenant_id, fields["origin"]}), nonce=nonce, purpose=purpose,
        state=CONSEQUENCE_LIFECYCLE.initial, due_on=_due_on(session), escalations=0, outcome=None, reason_digest=None,
        **fields,
    )  # fmt: skip
    return row, ConsequenceOpened(purpose=purpose, cause=row.cause_id, due_on=row.due_on)


def _reopened(session: Session, key: UUID, *, at: Mapping[str, str]) -> tuple[Consequence, Change]:
    row = session.locked(Consequence, key)
    CONSEQUENCE_LIFECYCLE.move(row, "reopen")
    row.cause_at, row.cause_state = at["cause_at"], at["cause_state"]
    row.due_on, row.escalations = _due_on(session), 0
    return row, ConsequenceOpened(purpose=row.purpose, cause=row.cause_id, due_on=row.due_on)


def _due_on(session: Session) -> date:
    return day_of(session.clock.now()) + timedelta(days=rules.TERM)


def _publish_open(session: Session, changes: Sequence[tuple[Consequence, Change]]) -> None:
    if changes:
        session.publish_all(changes)
        schedule_all(session, ESCALATE, due={row.id: end_of(row.due_on) for row, _change in changes})


def _origin(session: Session, kind: str, *, document: Document) -> UUID:
    here = session.context.tenant_id
    return (other_side(document, here) or here) if kind == RECOGNITION else UUID(document["tenant"])


def settle(session: Session, rows: Sequence[Consequence], *, still: set[Key], at: str) -> None:
    """After a look at their cause: what rests on it is fallen still, or it is carried again.

    What was open lapses; what was suspended or removed is to be restored, once, unless that was decided already.
    """
    restored = _restorations(session, rows)
    wanted: dict[Key, Consequence] = {}
    for row in rows:
        key = (row.cause_id, row.dependant_id, row.reference)
        if row.state == "open" and (row.purpose == REVIEW) != (key in still):
            _lapse(session, row.id)
        # Asked after that: somebody may have closed it before it could be locked.
        is_undoable = row.state == "closed" and row.outcome in UNDOABLE and key not in still
        if is_undoable and not _is_decided(row, restored.get(key, ())):
            wanted[key] = row
    _publish_open(
        session, [_restoration(session, row, at=at, known=restored.get(key, ())) for key, row in wanted.items()]
    )


def _is_decided(review: Consequence, restorations: Sequence[Consequence]) -> bool:
    return any(one.state != "lapsed" and one.updated_at >= review.updated_at for one in restorations)


def _restorations(session: Session, rows: Sequence[Consequence]) -> dict[Key, list[Consequence]]:
    causes, dependants = {row.cause_id for row in rows}, {row.dependant_id for row in rows}
    found: dict[Key, list[Consequence]] = {}
    query = select(Consequence).where(
        Consequence.home_id == session.context.tenant_id, Consequence.purpose == RESTORATION,
        Consequence.cause_id.in_(causes), Consequence.dependant_id.in_(dependants),
    )  # fmt: skip
    for row in session.scalars(query) if rows else ():
        found.setdefault((row.cause_id, row.dependant_id, row.reference), []).append(row)
    return found


def _restoration(
    session: Session, review: Consequence, *, at: str, known: Sequence[Consequence]
) -> tuple[Consequence, Change]:
    now = {"cause_at": at, "cause_state": "restored"}
    if lapsed := _lapsed(known):
        return _reopened(session, lapsed.id, at=now)
    kept = ("cause_kind", "cause_id", "cause_key", "origin", "dependant_kind", "dependant_id", "reference")
    nonce = rules.restoration_nonce(review.id, at, occasion=_occasion(known))
    return _made(session, RESTORATION, nonce=nonce, fields={**{name: getattr(review, name) for name in kept}, **now})


def _lapse(session: Session, key: UUID) -> None:
    row = session.locked(Consequence, key)
    if row.state == "open":
        CONSEQUENCE_LIFECYCLE.move(row, "lapse")
        session.publish(row, ConsequenceLapsed())
        cancel(session, ESCALATE, aggregate=key)


@timer(ESCALATE)
def escalate_consequence(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """Its term is over, and again every few days; at last only the list shows that it is late."""
    row = session.locked(Consequence, key)
    if row.state != "open":
        return
    CONSEQUENCE_LIFECYCLE.move(row, "escalate")
    row.escalations += 1
    session.publish(row, ConsequenceEscalated(escalations=row.escalations))
    if row.escalations < rules.MOST_ESCALATIONS:
        later = row.due_on + timedelta(days=rules.AGAIN * row.escalations)
        schedule(session, ESCALATE, aggregate=key, due_at=end_of(later))
