"""Consequences: the difference between what dependants rest on now and what is being dealt with, and their term."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.catalog import Change
from events.standards import ConsequenceEscalated, ConsequenceLapsed, ConsequenceOpened
from services.standards.commands.dependencies import Broken, Cause, Key, broken_dependencies
from services.standards.commands.stops import EARLIER, Stop, when_stopped
from services.standards.domain import consequences as rules
from services.standards.domain.consequences import RESTORATION, REVIEW, UNDOABLE
from services.standards.domain.dependencies import Dependant, cause_key, cause_state, origin_of
from services.standards.domain.lifecycles import CONSEQUENCE_LIFECYCLE
from services.standards.models import Consequence
from shared.core.calendar import day_of, end_of
from shared.journal.session import Session
from shared.journal.timers import cancel, schedule, schedule_all, timer

ESCALATE = "standards.consequence.escalate"
Changes = list[tuple[Consequence, Change]]
Existing = Mapping[Key, Sequence[Consequence]]


class Opening(Enum):
    """Whether a review is opened for what is broken and has none open."""

    NO = "no"
    """They need not be dependants any more."""
    UNLESS_DECIDED = "unless decided"
    """One for each stop: what was decided about it holds."""
    AGAIN = "again"
    """What was dealt with has come to rest on it again."""


def update_consequences(
    session: Session,
    dependants: Sequence[Dependant],
    *,
    cause: Cause | None = None,
    opening: Opening = Opening.UNLESS_DECIDED,
    registers: bool = False,
) -> None:
    """Find what of the dependants rests on what counts no longer, and make the consequences fit.

    With a cause, whose lock the caller holds, what was opened for it lapses or is to be undone where it counts again.
    Without one only what is missing is opened, for whatever cause. Doing it again changes nothing.
    """
    only = None if cause is None else cause.dependency.id
    broken = {one.key: one for one in broken_dependencies(session, dependants, only=only, registers=registers)}
    existing = _existing(session, dependants, causes={key[0] for key in broken} if only is None else {only})
    changes = [] if cause is None else _settled(session, existing, broken=broken.keys(), at=cause.at)
    if opening is not Opening.NO:
        changes += _opened(session, broken, existing=existing, again=opening is Opening.AGAIN)
    if changes:
        session.publish_all(changes)
        schedule_all(session, ESCALATE, due={row.id: end_of(row.due_on) for row, _change in changes})


def _existing(session: Session, dependants: Sequence[Dependant], *, causes: Collection[UUID]) -> Existing:
    if not causes or not dependants:
        return {}
    wanted = {(one.id, one.reference) for one in dependants}
    query = (
        select(Consequence)
        .where(
            Consequence.home_id == session.context.tenant_id,
            Consequence.cause_id.in_(causes),
            Consequence.dependant_id.in_({one.id for one in dependants}),
        )
        .order_by(Consequence.updated_at)
    )
    found: dict[Key, list[Consequence]] = {}
    for row in session.scalars(query):
        if (row.dependant_id, row.reference) in wanted:
            found.setdefault((row.cause_id, row.dependant_id, row.reference), []).append(row)
    return found


def _settled(session: Session, existing: Existing, *, broken: Collection[Key], at: str) -> Changes:
    """What was open lapses; what was suspended or removed is to be restored, once, unless that was decided already."""
    wanted = []
    for key, rows in existing.items():
        for row in rows:
            if row.state == "open" and (row.purpose == REVIEW) != (key in broken):
                _lapse(session, row.id)
        # Asked after that: somebody may have closed it before it could be locked.
        undoable = [row for row in rows if row.state == "closed" and row.outcome in UNDOABLE]
        restorations = [row for row in rows if row.purpose == RESTORATION]
        if undoable and key not in broken:
            review = max(undoable, key=lambda row: row.updated_at)
            if not any(one.state != "lapsed" and one.updated_at >= review.updated_at for one in restorations):
                wanted.append((review, restorations))
    return [_restoration(session, review, at=at, known=known) for review, known in wanted]


def _lapse(session: Session, key: UUID) -> None:
    row = session.locked(Consequence, key)
    if row.state == "open":
        CONSEQUENCE_LIFECYCLE.move(row, "lapse")
        session.publish(row, ConsequenceLapsed())
        cancel(session, ESCALATE, aggregate=key)


def _restoration(
    session: Session, review: Consequence, *, at: str, known: Sequence[Consequence]
) -> tuple[Consequence, Change]:
    kept = ("cause_kind", "cause_id", "cause_key", "origin", "dependant_kind", "dependant_id", "reference")
    fields = {**{name: getattr(review, name) for name in kept}, "cause_at": at, "cause_state": "restored"}
    nonce = rules.restoration_nonce(review.id, at, occasion=_occasion(known))
    return _open(session, known, nonce=nonce, fields={**fields, "purpose": RESTORATION})


def _opened(session: Session, broken: Mapping[Key, Broken], *, existing: Existing, again: bool) -> Changes:
    """A review for each that has none open; one that lapsed is opened again, so that coming and going makes no more."""
    reviews = {key: [row for row in existing.get(key, ()) if row.purpose == REVIEW] for key in broken}
    missing = [one for key, one in broken.items() if not any(row.state == "open" for row in reviews[key])]
    return [
        _review(session, stop, known=reviews[stop.broken.key])
        for stop in when_stopped(session, missing)
        if again or not _is_dealt_with(stop, reviews[stop.broken.key])
    ]


def _is_dealt_with(stop: Stop, reviews: Sequence[Consequence]) -> bool:
    # What stopped longer ago than is looked at was heard of then, and what was decided since is about it.
    moments = (stop.at,) if stop.position != EARLIER else {row.cause_at for row in reviews}
    return any(row.state == "closed" and row.cause_at in moments for row in reviews)


def _review(session: Session, stop: Stop, *, known: Sequence[Consequence]) -> tuple[Consequence, Change]:
    (kind, cause, document), dependant = stop.broken.cause, stop.broken.dependant
    origin = origin_of(stop.broken.cause, here=session.context.tenant_id)
    fields = {
        "cause_kind": kind,
        "cause_id": cause,
        "cause_key": cause_key(kind, document),
        "origin": origin,
        "cause_at": stop.at,
        "cause_state": cause_state(kind, stop.state),
        "dependant_kind": dependant.kind,
        "dependant_id": dependant.id,
        "reference": dependant.reference,
    }
    nonce = rules.consequence_nonce(cause, dependant, at=stop.at, occasion=_occasion(known))
    return _open(session, known, nonce=nonce, fields={**fields, "purpose": REVIEW})


def _occasion(known: Sequence[Consequence]) -> str:
    """How many there are already: one that was opened again stands for another moment than its id was made of."""
    return str(len(known)) if known else ""


def _open(
    session: Session, known: Sequence[Consequence], *, nonce: str, fields: Mapping[str, Any]
) -> tuple[Consequence, Change]:
    """The last of those known that lapsed, opened again for this moment; else a new one."""
    due_on = day_of(session.clock.now()) + timedelta(days=rules.TERM)
    lapsed = [row for row in known if row.state == "lapsed"]
    if lapsed:
        row = session.locked(Consequence, max(lapsed, key=lambda one: one.updated_at).id)
        CONSEQUENCE_LIFECYCLE.move(row, "reopen")
        row.cause_at, row.cause_state = fields["cause_at"], fields["cause_state"]
        row.due_on, row.escalations = due_on, 0
    else:
        parties = sorted({session.context.tenant_id, fields["origin"]})
        row = session.create(
            Consequence,
            parties=parties,
            nonce=nonce,
            state=CONSEQUENCE_LIFECYCLE.initial,
            due_on=due_on,
            escalations=0,
            outcome=None,
            reason_digest=None,
            **fields,
        )
    return row, ConsequenceOpened(purpose=row.purpose, cause=row.cause_id, due_on=due_on)


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
