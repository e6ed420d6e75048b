"""Writes of a park's entry rules: set by its people, and what becomes of one whose standard stopped counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from events.entry import Entry
from events.parks import EntryRuleDecided, EntryRulesSet
from events.standards import ConsequenceClosed
from services.parks.domain import entry_rules as rules
from services.parks.domain.park import ENDED
from services.parks.models import Park
from shared.commands.registry import command
from shared.journal.session import Session


@command("parks.park.set_entry_rules", Park)
def set_entry_rules(session: Session, park_id: UUID, *, entry_rules: Sequence[Mapping[str, Any]]) -> Park:
    """These and no others."""
    park = session.locked(Park, park_id)
    rules.check_setter(park.state, is_home=session.context.party == park.home_id)
    after = rules.with_rules(park.entry_rules, entry_rules)
    if after != (park.entry_rules or []):
        park.entry_rules = after
        named = tuple(UUID(rule["standard"]) for rule in after)
        session.publish(park, EntryRulesSet(standards=named, cites=rules.cites(after)))
    return park


def decide_entry_rule(session: Session, park_id: UUID, *, consequence: Entry, closed: ConsequenceClosed) -> None:
    """Do to the rule what the park's home decided, in the name of who did; a park that has ended stays as it was."""
    park, standard = session.locked(Park, park_id), UUID(closed.reference.partition(":")[2])
    after = rules.with_outcome(park.entry_rules, standard, outcome=closed.outcome)
    if after != (park.entry_rules or []) and park.state not in ENDED:
        park.entry_rules = after
        change = EntryRuleDecided(
            standard=standard, outcome=closed.outcome, consequence=consequence.aggregate, cites=rules.cites(after)
        )
        session.publish(park, change, by=consequence.actor)
