"""Search keys of replicas, from own events, and what becomes of qualifications whose certificate stopped counting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from events import organisations as events
from events.catalog import Change
from events.standards import ConsequenceClosed
from events.tenants import TenantLeft
from services.organisations.commands.departing import FOLLOW
from services.organisations.commands.organisations import decide_qualifications
from services.organisations.commands.search import keys_in, reindex
from services.organisations.models import Organisation
from shared.commands.handlers import ReceivedEvent, handles, handles_everywhere
from shared.journal.entries import JournalRow
from shared.journal.session import Session
from shared.journal.timers import schedule_all

CHANGES: tuple[type[Change], ...] = (
    events.OrganisationRegistered, events.OrganisationRevised, events.OrganisationMerged, events.OrganisationAbsorbed,
    events.OrganisationIntroduced, events.OrganisationWithdrawn,
)  # fmt: skip
"""Whatever may change by which words an organisation is found, or here at all."""


def index_replica(session: Session, received: ReceivedEvent[Any]) -> None:
    """Find it here by what its home says now; home itself writes the keys with the change."""
    entry, here = received.entry, session.context.tenant_id
    known = session.get(JournalRow, (here, entry.aggregate, entry.epoch, entry.version - 1))
    before = None if known is None or here in entry.joined else known.state
    after = None if here in entry.left else received.state
    reindex(session, [(entry.aggregate, keys_in(before), keys_in(after))])


for change in CHANGES:
    handles(change, at="party")(index_replica)


@handles_everywhere(TenantLeft)
def follow_departures(session: Session, received: Sequence[ReceivedEvent[TenantLeft]]) -> None:
    """Soon, some organisations at a time."""
    schedule_all(session, FOLLOW, due=dict.fromkeys((one.entry.aggregate for one in received), session.clock.now()))


@handles(ConsequenceClosed, at="home")
def carry_out(session: Session, received: ReceivedEvent[ConsequenceClosed]) -> None:
    """Do to the qualifications what their tenant decided, in the name of who decided it."""
    closed, entry = received.change, received.entry
    if closed.dependant_kind == Organisation.kind:
        decide_qualifications(session, closed.dependant, consequence=entry, closed=closed)
