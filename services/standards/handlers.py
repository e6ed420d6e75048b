"""What follows from events: what cites is counted, and what stops or counts again is propagated to its dependants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events import standards as events
from events.catalog import Change
from events.citing import Citing
from events.organisations import OrganisationAbsorbed, OrganisationIntroduced, OrganisationRegistered
from events.schema import load_all
from events.tenants import TenantLeft
from services.standards.commands.citations import look_at_arrivals, register_certificate, replace_citations
from services.standards.commands.departing import FOLLOW
from services.standards.commands.dependencies import lock_alone
from services.standards.commands.holders import keep_codes
from services.standards.commands.propagation import propagate_locked, propagate_recognitions
from shared.commands.handlers import ReceivedEvent, handles, handles_everywhere
from shared.journal.session import Session
from shared.journal.timers import schedule_all

BROADCAST: tuple[type[Change], ...] = (
    events.CertificateSuspended, events.CertificateRevoked, events.CertificateExpired, events.CertificateReplaced,
    events.CertificateReinstated, events.CertificateRestored,
    events.BodySuspended, events.BodyWithdrawn, events.BodyExpired, events.BodyReduced,
    events.BodyReinstated, events.BodyRestored, events.BodyExtended,
    events.StandardEnded, events.StandardRestored,
)  # fmt: skip
"""After which a certificate, a body or a standard may count where it did not, or no more where it did."""
BETWEEN_TWO: tuple[type[Change], ...] = (
    events.RecognitionSuspended, events.RecognitionEnded, events.RecognitionObjectionLapsed,
    events.RecognitionInForce, events.RecognitionBegun, events.RecognitionResumed, events.RecognitionRestored,
)  # fmt: skip
"""The same of a recognition, which only its two parties hold; a new edition may drop what the one before named."""


def count_citations(session: Session, received: ReceivedEvent[Citing]) -> None:
    """At the home of what cites: a party's copy rests on nothing there."""
    entry, cites = received.entry, received.change.cites
    if cites is not None:
        replace_citations(session, entry.aggregate_type, citing=entry.aggregate, cites=cites)


@handles_everywhere(events.CertificateIssued, *BROADCAST)
def propagate_broadcasts(session: Session, received: Sequence[ReceivedEvent[Any]]) -> None:
    """In every tenant, once the register knows it; what it leads to follows from what the register says now.

    A certificate that becomes known may have been cited before. All locks are taken at once, for whoever registers on
    several of these takes them in the same order.
    """
    lock_alone(session, {one.entry.aggregate for one in received})
    issued: dict[UUID, str] = {}
    causes: dict[str, set[UUID]] = {}
    for one in received:
        if isinstance(one.change, events.CertificateIssued):
            issued[one.entry.aggregate] = one.change.number
        else:
            causes.setdefault(one.entry.aggregate_type, set()).add(one.entry.aggregate)
    look_at_arrivals(session, issued)
    for kind in sorted(causes):
        propagate_locked(session, kind, causes=causes[kind])


@handles_everywhere(TenantLeft)
def follow_departures(session: Session, received: Sequence[ReceivedEvent[TenantLeft]]) -> None:
    """Soon, a few things at a time."""
    schedule_all(session, FOLLOW, due=dict.fromkeys((one.entry.aggregate for one in received), session.clock.now()))


def propagate_recognition(session: Session, received: ReceivedEvent[Any]) -> None:
    """In a transaction of its own: the copy that is read there is written with this one."""
    propagate_recognitions(session, received.entry.aggregate)


@handles(events.CertificateIssued, at="home")
def count_certificate(session: Session, received: ReceivedEvent[events.CertificateIssued]) -> None:
    """At its home: what it rests on may have stopped while it was issued."""
    register_certificate(session, received.entry.aggregate, number=received.change.number)


def keep_holder(session: Session, received: Sequence[ReceivedEvent[Any]]) -> None:
    """Home and every tenant that is introduced to an organisation know by which codes certificates are its own."""
    keep_codes(session, [(one.entry.aggregate, one.state) for one in received])


for organisation_change in (OrganisationRegistered, OrganisationIntroduced, OrganisationAbsorbed):
    handles(organisation_change, together=True)(keep_holder)
for change in load_all().values():
    if issubclass(change, Citing):
        handles(change, at="home", heeds="cites")(count_citations)
for change in BETWEEN_TWO:
    handles(change)(propagate_recognition)
