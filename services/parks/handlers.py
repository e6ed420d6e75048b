"""What the parks service makes of others' events: a standard that an entry rule cites stopped counting."""

from __future__ import annotations

from dataclasses import replace

from events.standards import ConsequenceClosed
from services.parks.commands.entry_rules import decide_entry_rule
from services.parks.models import Park
from shared.db import Session
from shared.reactions import Happened, handles


@handles(ConsequenceClosed)
def carry_out(session: Session, happened: Happened[ConsequenceClosed]) -> None:
    """Do to the entry rule what the park's home decided, in the name of who decided it."""
    closed, entry = happened.change, happened.entry
    if entry.home == session.context.tenant_id and closed.dependant_kind == Park.kind:
        session.context = replace(session.context, actor_id=entry.actor.id)
        decide_entry_rule(session, closed.dependant, consequence=entry.aggregate, closed=closed)
