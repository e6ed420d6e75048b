"""Writes of the date that both sides agree on for the answer."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from events.canonical import plain
from events.requests import CaseDateAgreed, CaseDateProposed
from events.text import FreeText
from services.requests.commands.moving import moved
from services.requests.domain.dates import AGREE, PROPOSE, check_agreed, check_proposed, sides_of
from services.requests.models import Case
from shared.commands.registry import command
from shared.core.calendar import day_of
from shared.journal.session import Session


@command("requests.case.propose_date", Case)
def propose_date(session: Session, key: UUID, *, on: date, reason: FreeText) -> Case:
    """Propose a day for the answer, in place of the one before; what is agreed holds until the other side agrees."""
    case = moved(session, key, action=PROPOSE)
    now, by = session.clock.now(), _side(session, case)
    check_proposed(on, today=day_of(now))
    case.proposal = plain({"by": by, "on": on, "at": now, "reason_digest": reason.digest})
    case.proposals += 1
    session.publish(case, CaseDateProposed(by=by, on=on, reason=reason))
    return case


@command("requests.case.agree_date", Case)
def agree_date(session: Session, key: UUID, *, on: date) -> Case:
    """Agree to the day that the other side proposes; `on` says which, so that nobody agrees to one it has not seen."""
    case = moved(session, key, action=AGREE)
    proposal = case.proposal or {}
    check_agreed(proposal, on=on, side=_side(session, case))
    case.agreed_on, case.proposal = on, None
    session.publish(case, CaseDateAgreed(on=on))
    return case


def _side(session: Session, case: Case) -> str:
    """Which side acts: where one jurisdiction is both, its organisations' people are the applicant."""
    mine = sides_of(case.situation, session.context.party)
    if len(mine) == 1:
        return mine[0]
    return "applicant" if session.context.organisation_id is not None else "handler"
