"""What follows from events: calendars count terms anew, what arrives at its handler is routed by the duty table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events.calendars import CalendarPublished, CalendarRevised
from events.organisations import OrganisationIntroduced, OrganisationRegistered, OrganisationRevised
from events.parks import ParkActivated, ParkDissolved, ParkDrafted, ParkRevised, ParkWithdrawn
from events.requests import (
    CaseAssigned,
    CaseFiled,
    CaseForwarded,
    CasePartReaddressed,
    CaseReopened,
    CaseSplit,
    CaseSupplemented,
    CommonRevisionInForce,
)
from events.tenants import TenantLeft
from services.requests.commands.answering import note_unproven
from services.requests.commands.common import follow_revision
from services.requests.commands.counting import COUNT
from services.requests.commands.departing import FOLLOW, end_tables
from services.requests.commands.duties import route_case
from services.requests.commands.places import keep_parks, keep_seats
from services.requests.commands.pools import release_case
from services.requests.domain.parts import parts_of
from services.requests.models import Case
from shared.commands.handlers import ReceivedEvent, handles, handles_everywhere
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


def route_arrival(session: Session, received: ReceivedEvent[Any]) -> None:
    """At the handler, which may be the home as well: the case goes to the unit and person whose it is."""
    if UUID(received.state["handler"]) == session.context.tenant_id:
        route_case(session, received.entry.aggregate, state=received.state)
        if isinstance(received.change, CaseFiled) and received.state["matter"] is not None:
            note_unproven(session, received.entry.aggregate, state=received.state)


def route_again(session: Session, received: ReceivedEvent[Any]) -> None:
    """What is reopened goes to somebody else of its handler than has had it."""
    if UUID(received.state["handler"]) == session.context.tenant_id:
        release_case(session, received.entry.aggregate, reopened=received.state["reopened"])
    route_arrival(session, received)


def route_part(session: Session, received: ReceivedEvent[Any]) -> None:
    """At each that has got a part of it, too; the handler's own people have the case already."""
    here, state = session.context.tenant_id, received.state
    if UUID(state["handler"]) != here and parts_of(state["parts"], here):
        route_case(session, received.entry.aggregate, state=state)


def keep_seat(session: Session, received: Sequence[ReceivedEvent[Any]]) -> None:
    """Wherever an organisation is known: so that a case of it says in which division it has its seat."""
    keep_seats(session, {one.entry.aggregate: one.state for one in received})


def keep_park(session: Session, received: Sequence[ReceivedEvent[Any]]) -> None:
    """At home and at every party: so that a case may name it, and its duty table ends with it."""
    parks = {one.entry.aggregate: {**one.state, "home": one.entry.home} for one in received}
    keep_parks(session, parks)
    end_tables(session, parks)


@handles_everywhere(TenantLeft)
def follow_departures(session: Session, received: Sequence[ReceivedEvent[TenantLeft]]) -> None:
    """Soon: what waits for the signature of a tenant that has left."""
    due = dict.fromkeys((one.entry.aggregate for one in received), session.clock.now())
    schedule_all(session, FOLLOW, due=due)


@handles(CommonRevisionInForce)
def follow_common_sheet(session: Session, received: ReceivedEvent[CommonRevisionInForce]) -> None:
    """At each party: its own items that follow the sheet."""
    follow_revision(session, UUID(received.state["common_id"]))


for arrival in (CaseFiled, CaseSupplemented, CaseForwarded, CaseAssigned):
    handles(arrival)(route_arrival)
handles(CaseReopened)(route_again)
for given in (CaseSplit, CasePartReaddressed):
    handles(given)(route_part)
for seated in (OrganisationRegistered, OrganisationRevised, OrganisationIntroduced):
    handles(seated, together=True)(keep_seat)
# Not each event of a park: whether it rests for a while changes nothing for cases.
for built in (ParkDrafted, ParkRevised, ParkActivated, ParkWithdrawn, ParkDissolved):
    handles(built, together=True)(keep_park)
