"""What a party believes of a case's home: nobody acts by its word, and what stood is changed by nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from events.entry import Entry
from events.requests import (
    CaseAccepted,
    CaseAssigned,
    CaseClosed,
    CaseDateAgreed,
    CaseDateProposed,
    CaseDecided,
    CaseDelivered,
    CaseExtended,
    CaseFiled,
    CaseForwarded,
    CasePaused,
    CaseRated,
    CaseReopened,
    CaseReplied,
    CaseResumed,
    CaseReturned,
    CaseSupplemented,
    CaseWithdrawn,
)
from services.requests.domain.dates import check_dates
from services.requests.domain.part_entries import (
    BY_PART,
    COMMAND_OF_PARTS,
    check_part_command,
    check_parts,
    whose_part,
)
from shared.core.calendar import end_of, read_day

COMMAND_OF = {
    CaseReturned.type: "return", CaseForwarded.type: "forward", CaseAccepted.type: "accept", CasePaused.type: "pause",
    CaseResumed.type: "resume", CaseExtended.type: "extend", CaseDecided.type: "decide", CaseDelivered.type: "deliver",
    CaseAssigned.type: "assign", CaseRated.type: "rate", CaseReplied.type: "reply", **COMMAND_OF_PARTS,
    CaseDateProposed.type: "propose_date", CaseDateAgreed.type: "agree_date",
}  # fmt: skip
"""What another tenant than the home asked for where an entry says that it acted."""
STATE_AFTER = {
    CaseFiled.type: "filed", CaseReturned.type: "returned", CaseSupplemented.type: "filed", CaseForwarded.type: "filed",
    CaseAssigned.type: "filed", CaseAccepted.type: "accepted", CasePaused.type: "accepted",
    CaseResumed.type: "accepted", CaseExtended.type: "accepted", CaseDecided.type: "decided",
    CaseDelivered.type: "delivered", CaseClosed.type: "closed", CaseReopened.type: "accepted",
    CaseWithdrawn.type: "withdrawn", **dict.fromkeys(COMMAND_OF_PARTS, "accepted"),
}  # fmt: skip
"""No state comes about by an event of another name; every other event leaves it."""
CHANGED_BY = {
    "decision": (CaseDecided.type,), "supplement": (CaseReturned.type,), "ratings": (CaseRated.type, CaseReplied.type),
    **dict.fromkeys(("handler", "forwards"), (CaseForwarded.type, CaseAssigned.type)),
    **dict.fromkeys(("is_final", "coordinator"), (CaseAssigned.type,)),
    **dict.fromkeys(
        ("number", "filed_at", "item_id", "organisation_id", "division", "park_id", "park", "matter"), (CaseFiled.type,)
    ),
}  # fmt: skip
"""What only these events change."""


def check_command(entry: Entry, state: Mapping[str, Any], *, asked: Mapping[str, Any]) -> None:
    """Raises ValueError unless the command is what the entry says was done, with the outcome or handler it says."""
    if asked["name"] != f"requests.case.{COMMAND_OF.get(entry.type)}":
        raise ValueError("it asked for something else")
    if entry.type == CaseDecided.type and asked["params"]["outcome"] != state["decision"]["outcome"]:
        raise ValueError("it decided otherwise")
    if entry.type in (CaseForwarded.type, CaseAssigned.type) and asked["params"]["to"] != state["handler"]:
        raise ValueError("it named somebody else")
    said = [(entry.change[name], asked["params"][name]) for name in ("on", "reason") if name in entry.change]
    if entry.type in (CaseDateProposed.type, CaseDateAgreed.type) and any(one != other for one, other in said):
        raise ValueError("it proposed another date, or agreed to another one")
    if entry.type in COMMAND_OF_PARTS:
        check_part_command(entry, state, asked=asked)


def check_entry(entry: Entry, state: Mapping[str, Any], *, before: Any) -> None:
    """What a party believes of its home: raises ValueError where somebody else acted, or what stood is changed.

    What follows from silence is the home's to say, and not before the last day that both sides know is over.
    """
    if before is None:
        return
    _check_actor(entry, before)
    if state["state"] != STATE_AFTER.get(entry.type, before["state"]):
        raise ValueError(f"{state['state']} does not come about by {entry.type}")
    changed = [name for name, types in CHANGED_BY.items() if state[name] != before[name] and entry.type not in types]
    if changed:
        raise ValueError(f"{entry.type} changes no {changed[0]}")
    check_parts(entry, state, before=before)
    check_dates(entry, state, before=before)
    known, told = before["clocks"], state["clocks"]
    kept = all(new["clock"] == old["clock"] and new["turns"][: len(old["turns"])] == old["turns"]
               for old, new in zip(known, told, strict=False))  # fmt: skip
    if not kept or len(told) < len(known):
        raise ValueError("days that passed are counted otherwise")


def _check_actor(entry: Entry, before: Mapping[str, Any]) -> None:
    by, home, silent = str(entry.actor.tenant), str(entry.home), bool(entry.change.get("by_silence"))
    whose = {home}
    if entry.type in (CaseRated.type, CaseReplied.type, CaseDateProposed.type, CaseDateAgreed.type):
        whose = {home, before["handler"]}
    elif entry.type == CaseAssigned.type:
        whose = {before["coordinator"]}
    elif entry.type in BY_PART:
        whose = {whose_part(entry, before)}
    elif entry.type in COMMAND_OF and not silent:
        whose = {before["handler"]}
    if by not in whose:
        raise ValueError("somebody acted whose turn it was not")
    if silent and (before["due_on"] is None or entry.occurred_at < end_of(read_day(before["due_on"]))):
        raise ValueError("silence is said to have lasted, before the term was over")
