"""Following what stopped, or counts again, to every dependant of this tenant, in small steps by timer.

Each step is a transaction of its own that says where the next one begins. What is done follows from what the ground is
now, so doing it again, or late, or in another order, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true, tuple_, update

from services.standards.commands.consequences import open_reviews, settle
from services.standards.commands.grounds import Fallen, bases, cited_id, fallen, hold_alone
from services.standards.commands.resting import cites_any, concerned, rests_on_any, undecided
from services.standards.domain.consequences import (
    BODY,
    CERTIFICATE,
    LIVING,
    RECOGNITION,
    STANDARD,
    Dependant,
    Document,
    listed,
    stands,
)
from services.standards.domain.recognition import other_side
from services.standards.models import (
    BodyRow,
    Certificate,
    CertificateRow,
    Citation,
    Consequence,
    Recognition,
    StandardRow,
)
from shared.database.rows import state_of
from shared.journal.session import Session
from shared.journal.timers import schedule, timer

FOLLOW = "standards.consequence.follow"
STEP = 500
"""Dependants of a step: about a second of work where each of them gets a consequence."""
LOOKED_AT = "standards.following.looked_at"
"""Where a session keeps count of the dependants that were looked at in its transaction."""
REGISTERS: Mapping[str, Any] = {CERTIFICATE: CertificateRow, BODY: BodyRow, STANDARD: StandardRow}
Cursor = list[str] | None


@dataclass(frozen=True)
class _Cause:
    """The ground that changed, as it is known now; None instead where all grounds are looked at."""

    kind: str
    id: UUID
    document: Document
    at: str


def follow(session: Session, kind: str, *, cause: UUID) -> None:
    """Begin with what rests on this ground; what is more than a step goes on by timer.

    Under the ground's lock: before it, one that is just registering would not be seen.
    """
    if kind == RECOGNITION:
        known = _cause(session, kind, key=cause)
        hold_alone(session, [None if known is None else other_side(known.document, session.context.tenant_id)])
        _begin(session, kind, cause=cause)
    else:
        hold_alone(session, [cause])
        follow_held(session, kind, causes=[cause])


def follow_held(session: Session, kind: str, *, causes: Collection[UUID]) -> None:
    """The same for certificates, bodies or standards that the caller holds alone.

    Where nothing is concerned, that is one statement, whatever their number.
    """
    for cause in concerned(session, kind, causes=causes):
        _begin(session, kind, cause=cause)


def _begin(session: Session, kind: str, *, cause: UUID) -> None:
    """At once, or by timer what comes after a step's worth in the same transaction."""
    if session.info.get(LOOKED_AT, 0) >= STEP:
        follow_later(session, kind, cause=cause)
    elif (found := _cause(session, kind, key=cause)) is not None:
        _run(session, found, phase=0, after=None)


def follow_later(session: Session, kind: str, *, cause: UUID) -> None:
    """In a transaction of its own, as soon as this one is committed."""
    given = {"kind": kind, "cause": str(cause)}
    schedule(session, FOLLOW, aggregate=cause, due_at=session.clock.now(), params=given)


def follow_recognitions(session: Session, recognition: UUID) -> None:
    """Follow it, and those of which something waits here: what counted by one may count by another now."""
    kind, cause = Consequence.cause_kind, Consequence.cause_id
    waiting = Consequence.home_id == session.context.tenant_id, kind == RECOGNITION, undecided()
    others = session.scalars(select(cause).where(*waiting).distinct().order_by(cause).limit(STEP))
    for key in {recognition, *others}:
        follow_later(session, RECOGNITION, cause=key)


@timer(FOLLOW)
def go_on(session: Session, _key: UUID, params: Mapping[str, Any]) -> None:
    """Begin, or take the next step."""
    kind, cause = params["kind"], UUID(params["cause"])
    if "phase" not in params:
        follow(session, kind, cause=cause)
    elif (found := _cause(session, kind, key=cause)) is not None:
        _run(session, found, phase=params["phase"], after=params["after"])


def _cause(session: Session, kind: str, *, key: UUID) -> _Cause | None:
    if kind == RECOGNITION:
        own = session.get(Recognition, (session.context.tenant_id, key), populate_existing=True)
        return None if own is None else _Cause(kind, key, state_of(own), own.etag)
    row = session.get(REGISTERS[kind], key, populate_existing=True)
    return None if row is None else _Cause(kind, key, row.state, row.etag)


def _run(session: Session, cause: _Cause, *, phase: int, after: Cursor) -> None:
    for number in range(phase, len(PHASES)):
        after = PHASES[number](session, cause, after=after)
        if after is not None:
            given = {"kind": cause.kind, "cause": str(cause.id), "phase": number, "after": after}
            schedule(session, FOLLOW, aggregate=cause.id, due_at=session.clock.now(), params=given)
            return


def _settled(session: Session, cause: _Cause, *, after: Cursor) -> Cursor:
    """One step through the consequences there are of it."""
    query = select(Consequence).where(
        Consequence.cause_id == cause.id, Consequence.home_id == session.context.tenant_id, undecided()
    )
    if after is not None:
        query = query.where(Consequence.id > UUID(after[0]))
    rows = session.scalars(query.order_by(Consequence.id).limit(STEP)).all()
    named = [
        Dependant(row.dependant_kind, row.dependant_id, row.reference, cited_id(session, row.reference)) for row in rows
    ]
    still = _fallen(session, named, cause=cause)
    settle(session, rows, still={(one.cause, one.dependant.id, one.dependant.reference) for one in still}, at=cause.at)
    return [str(rows[-1].id)] if len(rows) == STEP else None


def look_at_citations(session: Session, cause: _Cause | None, *, after: Cursor) -> Cursor:
    """One step through the citations that may rest on it, or without a cause through all; where the next begins."""
    order = (Citation.reference, Citation.citing_kind, Citation.citing_id)
    query = select(Citation).where(_found_by(cites_any, session, cause=cause))
    if after is not None:
        query = query.where(tuple_(*order) > (after[0], after[1], UUID(after[2])))
    rows = session.scalars(query.order_by(*order).limit(STEP)).all()
    for row in [row for row in rows if row.cited_id is None]:
        _name_cited(session, row)
    _open(
        session, [Dependant(row.citing_kind, row.citing_id, row.reference, row.cited_id) for row in rows], cause=cause
    )
    last = rows[-1] if len(rows) == STEP else None
    return None if last is None else [last.reference, last.citing_kind, str(last.citing_id)]


def _name_cited(session: Session, row: Citation) -> None:
    """Who issued it was not known when it was cited."""
    row.cited_id = cited_id(session, row.reference)
    if row.cited_id is not None:
        named = update(Citation).where(Citation.reference == row.reference).values(cited_id=row.cited_id)
        session.execute(named)


def look_at_certificates(session: Session, cause: _Cause | None, *, after: Cursor) -> Cursor:
    """The same through the tenant's own certificates."""
    own = Certificate.home_id == session.context.tenant_id, Certificate.state.in_(LIVING)
    query = select(Certificate.id, Certificate.number).where(*own)
    query = query.where(_found_by(rests_on_any, session, cause=cause))
    if after is not None:
        query = query.where(Certificate.id > UUID(after[0]))
    rows = session.execute(query.order_by(Certificate.id).limit(STEP)).all()
    _open(session, [own_certificate(key, number) for key, number in rows], cause=cause)
    return [str(rows[-1].id)] if len(rows) == STEP else None


def own_certificate(key: UUID, number: str) -> Dependant:
    """A certificate of this tenant, as what rests on its standard, its body and what it is based on."""
    return Dependant(CERTIFICATE, key, f"certificate:{number}", key)


def _open(session: Session, found: Sequence[Dependant], *, cause: _Cause | None) -> None:
    open_reviews(session, _fallen(session, found, cause=cause))


def _fallen(session: Session, found: Sequence[Dependant], *, cause: _Cause | None) -> list[Fallen]:
    session.info[LOOKED_AT] = session.info.get(LOOKED_AT, 0) + len(found)
    return fallen(found, bases(session, found), only=None if cause is None else cause.id)


def _found_by(search: Callable[..., ColumnElement[bool]], session: Session, *, cause: _Cause | None) -> Any:
    if cause is None:
        return true()
    return false() if _carries_all(cause) else search(session, cause.kind, named=_named(cause))


def _carries_all(cause: _Cause) -> bool:
    """A body that stands may have lost a grant, a recognition in force an item: there each dependant is looked at."""
    return cause.kind in (CERTIFICATE, STANDARD) and stands(cause.kind, cause.document)


def _named(cause: _Cause) -> set[UUID]:
    """By what things are said to rest on it: a recognition is not cited, but the standards that it names are."""
    return listed(cause.document) if cause.kind == RECOGNITION else {cause.id}


PHASES: tuple[Callable[..., Cursor], ...] = (_settled, look_at_citations, look_at_certificates)
