"""What the parks service makes of others' events: what entry rules cite stopped counting, a tenant has left."""

from __future__ import annotations

from collections.abc import Sequence

from events.standards import ConsequenceClosed
from events.tenants import TenantLeft
from services.parks.commands.departing import FOLLOW
from services.parks.commands.entry_rules import decide_entry_rule
from services.parks.models import Park
from shared.commands.handlers import ReceivedEvent, handles, handles_everywhere
from shared.journal.session import Session
from shared.journal.timers import schedule_all


@handles_everywhere(TenantLeft)
def follow_departures(session: Session, received: Sequence[ReceivedEvent[TenantLeft]]) -> None:
    """Soon, a few parks at a time."""
    due = dict.fromkeys((one.entry.aggregate for one in received), session.clock.now())
    schedule_all(session, FOLLOW, due=due)


@handles(ConsequenceClosed, at="home")
def carry_out(session: Session, received: ReceivedEvent[ConsequenceClosed]) -> None:
    """Do to the entry rule what the park's home decided, in the name of who decided it."""
    closed, entry = received.change, received.entry
    if closed.dependant_kind == Park.kind:
        decide_entry_rule(session, closed.dependant, consequence=entry, closed=closed)
