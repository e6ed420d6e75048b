"""Writes of a dissolution: proposed, agreed to, called off, and done when its day has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from events.parks import (
    ConsentWithdrawn,
    DissolutionCalledOff,
    DissolutionProposed,
    DissolutionStarted,
    ParkDissolved,
)
from events.text import FreeText
from services.parks.commands.agreements import AGREEMENTS
from services.parks.commands.cards import recall_card
from services.parks.commands.parks import all_consent
from services.parks.domain import dissolving as rules
from services.parks.domain.park import PARK_LIFECYCLE
from services.parks.models import Agreement, Park, agreement_id
from shared.commands.registry import command
from shared.core.calendar import day_of, start_of
from shared.journal.session import Session
from shared.journal.timers import cancel, schedule, timer

COMPLETE = "parks.park.complete_dissolution"
"""The timer that is due when the day begins on which all agreed to dissolve the park."""


@command("parks.park.dissolve", Park)
def dissolve_park(session: Session, park_id: UUID, *, dissolves_on: date, reason: FreeText | None = None) -> Park:
    """Agree that it ends on this day, or propose it, with a reason; the last party's consent sets the day."""
    park, today = session.locked(Park, park_id), day_of(session.clock.now())
    PARK_LIFECYCLE.target(park.state, "dissolve")
    rules.check_not_set(park.dissolves_on)
    if rules.is_on_table(park.dissolution, dissolves_on):
        rules.check_day_to_come(dissolves_on, today=today)
        if all_consent(session, park, action="dissolve"):
            start(session, park)
        return park
    current = park.current_agreement
    terms = None if current is None else session.one(Agreement, agreement_id(park, current)).terms
    notice_days = 0 if terms is None else int(terms["exit"]["notice_days"])
    first = rules.first_day(today, notice_days=notice_days)
    rules.check_proposal(dissolves_on, first=first, has_reason=reason is not None)
    # For this day and no other: whoever agreed to another one is asked again.
    proposer = str(session.context.party)
    park.dissolution = {
        "dissolves_on": dissolves_on.isoformat(),
        "proposed_by": proposer,
        "reason_digest": reason and reason.digest,
    }
    park.consents = {**park.consents, "dissolve": [proposer], "call_off": []}
    session.publish(park, DissolutionProposed(dissolves_on=dissolves_on, reason=reason))
    if park.dissolves_on is not None:
        start(session, park)
    return park


def start(session: Session, park: Park) -> None:
    """All have agreed: it stays in force until its day."""
    day = park.dissolves_on
    if day is None:
        raise LookupError("not all have agreed")
    schedule(session, COMPLETE, aggregate=park.id, due_at=start_of(day))
    session.publish(park, DissolutionStarted(due_on=day))


@command("parks.park.call_off", Park)
def call_off_dissolution(session: Session, park_id: UUID) -> Park:
    """Take back one's own consent, or, once all have agreed, agree to go on; the last party's word calls it off."""
    park = session.locked(Park, park_id)
    PARK_LIFECYCLE.target(park.state, "call_off")
    rules.check_proposed(park.dissolution)
    if park.dissolves_on is None:
        park.consents = rules.without_consent(park.consents, session.context.party)
        forget_unsupported(park)
        session.publish(park, ConsentWithdrawn(action="dissolve"))
    elif all_consent(session, park, action="call_off"):
        call_off(session, park)
    return park


def forget_unsupported(park: Park) -> None:
    """What nobody wants any more is on the table no more."""
    if not park.consents.get("dissolve"):
        park.dissolution = None


def call_off(session: Session, park: Park) -> None:
    """All have agreed to go on."""
    park.dissolution, park.consents = None, {**park.consents, "dissolve": [], "call_off": []}
    cancel(session, COMPLETE, aggregate=park.id)
    session.publish(park, DissolutionCalledOff())


@timer(COMPLETE)
def complete_dissolution(session: Session, park_id: UUID, _params: Mapping[str, Any]) -> None:
    """The day has come: the park is dissolved and what was signed ends; nothing happens where it was called off."""
    park = session.locked(Park, park_id)
    day = park.dissolves_on
    if day is None or day > day_of(session.clock.now()) or park.state == "dissolved":
        return
    PARK_LIFECYCLE.move(park, "complete")
    session.publish(park, ParkDissolved(cites=()))
    AGREEMENTS.end_all(session, park.id)
    recall_card(session, park)
