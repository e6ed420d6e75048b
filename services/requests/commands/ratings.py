"""Writes after a case: how it went, as each side says of the other, and what the other answers."""

from __future__ import annotations

from uuid import UUID

from events.canonical import instant
from events.requests import CaseRated, CaseReplied
from events.text import FreeText
from services.requests.commands.moving import moved
from services.requests.domain.cases import RATERS, other_side
from services.requests.models import Case
from shared.commands.registry import command
from shared.journal.session import Session


def side_of(session: Session, case: Case) -> str:
    """Which side acts: where both are the same jurisdiction, the applicant's."""
    return RATERS[0] if session.context.party == case.home_id else RATERS[1]


@command("requests.case.rate", Case)
def rate_case(session: Session, key: UUID, *, score: int, reason: FreeText) -> Case:
    """From 1 to 5, once; whoever is not content has it handled again by `reopen`."""
    case = moved(session, key, action="rate")
    by = side_of(session, case)
    made = {"by": by, "score": score, "at": instant(session.clock.now()), "reason_digest": reason.digest}
    case.ratings = [*case.ratings, {**made, "reply_digest": None}]
    session.publish(case, CaseRated(rated_by=by, score=score, reason=reason))
    return case


@command("requests.case.reply", Case)
def reply_case(session: Session, key: UUID, *, reply: FreeText) -> Case:
    """Answer what the other side said, once."""
    case = moved(session, key, action="reply")
    rater = other_side(side_of(session, case))
    case.ratings = [{**one, "reply_digest": reply.digest} if one["by"] == rater else one for one in case.ratings]
    session.publish(case, CaseReplied(rated_by=rater, reply=reply))
    return case
