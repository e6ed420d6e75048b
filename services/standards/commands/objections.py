"""Objections to a recognition: raised, answered, and what follows when no answer comes in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from events import standards as events
from events.canonical import instant
from events.text import FreeText
from services.standards.commands.recognitions import LAPSE, keep_room, keep_time, stop_for_now
from services.standards.domain import objections as rules
from services.standards.domain.lifecycles import RECOGNITION_LIFECYCLE
from services.standards.models import Recognition
from shared.commands.registry import command
from shared.core.calendar import day_of
from shared.journal.session import Session
from shared.journal.timers import timer


@command("standards.recognition.object", Recognition)
def object_to_recognition(session: Session, key: UUID, *, reason: FreeText, days: int = rules.TERM_DAYS) -> Recognition:
    """Nothing is agreed until the other side has answered; it has so many days."""
    row = session.locked(Recognition, key)
    RECOGNITION_LIFECYCLE.move(row, "object")
    answer_by = day_of(session.clock.now()) + timedelta(days=days)
    row.objections = rules.raised(row.objections, by=session.context.party, digest=reason.digest, answer_by=answer_by)
    keep_time(session, row)
    keep_room(row)
    number = row.objections[-1]["objection"]
    session.publish(row, events.RecognitionObjected(objection=number, reason=reason, answer_by=answer_by))
    return row


@command("standards.recognition.answer", Recognition)
def answer_objection(session: Session, key: UUID, *, objection: int, answer: FreeText) -> Recognition:
    """The other side's answer closes it; also one that comes late counts until the term's end has been acted on."""
    row = session.locked(Recognition, key)
    RECOGNITION_LIFECYCLE.move(row, "answer")
    row.objections = rules.answered(row.objections, objection, by=session.context.party, digest=answer.digest)
    keep_time(session, row)
    session.publish(row, events.RecognitionObjectionAnswered(objection=objection, answer=answer))
    return row


@timer(LAPSE)
def lapse_objections(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """A term is over without an answer: a proposal ends, what is in force is suspended until who objected resumes."""
    row = session.locked(Recognition, key)
    late = [] if row.state == "ended" else list(rules.overdue(row.objections, day_of(session.clock.now())))
    for objection in late:
        row.objections = rules.lapsed(row.objections, objection["objection"])
        session.publish(row, events.RecognitionObjectionLapsed(objection=objection["objection"]))
    if late:
        objector = UUID(late[0]["by"])
        change: events.RecognitionEnded | events.RecognitionSuspended | None = None
        if row.state == "proposed":
            row.ends = [{"by": str(objector), "at": instant(session.clock.now())}]
            RECOGNITION_LIFECYCLE.move(row, "end")
            change = events.RecognitionEnded(reason=None)
        elif row.state == "in_force":
            stop_for_now(session, row, by=objector)
            change = events.RecognitionSuspended(reason=None)
        keep_time(session, row)
        if change is not None:
            session.publish(row, change)
