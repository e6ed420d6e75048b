"""What a party believes of a case's home: nobody acts by its word, and what stood is changed by nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    CaseDueChanged,
    CaseExtended,
    CaseFiled,
    CaseForwarded,
    CaseOverdue,
    CasePartHandedBack,
    CasePartReaddressed,
    CasePaused,
    CaseRated,
    CaseReopened,
    CaseReplied,
    CaseResumed,
    CaseReturned,
    CaseSplit,
    CaseSupplemented,
    CaseWithdrawn,
)
from services.requests.domain.cases import CASE_LIFECYCLE, RATERS, other_side
from services.requests.domain.clock_entries import (
    MOVES,
    TURNS,
    check_clocks,
    check_due,
    check_first_clocks,
    check_kept,
    check_moment,
    check_overdue,
)
from services.requests.domain.dates import check_dates
from services.requests.domain.items import DEEMED
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
ACTION_OF = {
    **COMMAND_OF, CaseFiled.type: "file", CaseSupplemented.type: "supplement", CaseClosed.type: "close",
    CaseReopened.type: "reopen", CaseWithdrawn.type: "withdraw",
}  # fmt: skip
"""What was done where an entry says so: nobody does it in a state that does not allow it."""
STATE_AFTER = {
    CaseFiled.type: "filed", CaseReturned.type: "returned", CaseSupplemented.type: "filed", CaseForwarded.type: "filed",
    CaseAssigned.type: "filed", CaseAccepted.type: "accepted", CasePaused.type: "accepted",
    CaseResumed.type: "accepted", CaseExtended.type: "accepted", CaseDecided.type: "decided",
    CaseDelivered.type: "delivered", CaseClosed.type: "closed", CaseReopened.type: "accepted",
    CaseWithdrawn.type: "withdrawn", **dict.fromkeys(COMMAND_OF_PARTS, "accepted"),
}  # fmt: skip
"""No state comes about by an event of another name; every other event leaves it."""
FIRST = (CaseFiled.type, *MOVES, CaseSplit.type, CasePartReaddressed.type)
"""By these alone somebody becomes a party, or one again."""
BY_REASON = (
    CaseReturned.type, *MOVES, CasePaused.type, CaseExtended.type, CaseDecided.type, CaseReopened.type,
    CasePartHandedBack.type, CasePartReaddressed.type,
)  # fmt: skip
"""Whose reason is the newest of the case."""
FOR_EVER = (
    "number", "filed_at", "item_id", "item", "sheet", "organisation_id", "division", "park_id", "park", "matter",
    "coordinator",
)  # fmt: skip
"""As it was filed, so it stays."""
CHANGED_BY = {
    **dict.fromkeys(FOR_EVER, (CaseFiled.type,)),
    **dict.fromkeys(("materials", "answers_digest", "applicant_digest"), (CaseFiled.type, CaseSupplemented.type)),
    **dict.fromkeys(("handler", "forwards"), MOVES),
    **dict.fromkeys(("accepted_at", "accepted_in_term"), (CaseAccepted.type,)),
    **dict.fromkeys(("decision", "decided_at", "answered_in_term", "own_days"), (CaseDecided.type,)),
    "is_final": (CaseAssigned.type,), "supplement": (CaseReturned.type,), "reopened": (CaseReopened.type,),
    "ratings": (CaseRated.type, CaseReplied.type), "reason_digest": BY_REASON, "clocks": TURNS,
    "ended_at": (CaseClosed.type, CaseWithdrawn.type, CaseReopened.type),
    **dict.fromkeys(("due_on", "due_is_provisional"), (*TURNS, CaseDueChanged.type)),
    "is_overdue": (*TURNS, CaseDueChanged.type, CaseOverdue.type),
}  # fmt: skip
"""What only these events change."""
SILENT = {CaseAccepted.type: ("acceptance", ("accepted",)), CaseDecided.type: ("answer", DEEMED[1:])}
"""What follows from silence only where the sheet says so."""


def check_command(entry: Entry, state: Mapping[str, Any], *, asked: Mapping[str, Any]) -> None:
    """Raises ValueError unless the command is what the entry says was done, in each thing that both of them say."""
    said, params = entry.change, asked["params"]
    if asked["name"] != f"requests.case.{COMMAND_OF.get(entry.type)}":
        raise ValueError("it asked for something else")
    if any(said[name] != params[name] for name in said.keys() & params.keys()):
        raise ValueError("it said something else")
    if entry.type == CaseDecided.type:
        decision = state["decision"]
        if any(decision[name] != params[name] for name in ("outcome", "ground", "remedy")):
            raise ValueError("it decided otherwise")
    if entry.type in MOVES and params["to"] != state["handler"]:
        raise ValueError("it named somebody else")
    if entry.type == CaseExtended.type and params["days"] != state["clocks"][-1]["extra"]:
        raise ValueError("it asked for other days")
    if entry.type in COMMAND_OF_PARTS:
        check_part_command(entry, state, asked=asked)


def check_next(entry: Entry, state: Mapping[str, Any], *, before: Any, joins: bool) -> None:
    """What a party believes of its home's next version; raises ValueError.

    Whoever `joins`, for the first time or again, has not heard what was done since: how it came to know of the case
    has to be right, and what stays for ever, and what had been counted when it left.
    """
    check_due(state)
    if before is not None and not joins:
        check_entry(entry, state, before=before)
        check_clocks(entry, state, before=before)
        return
    check_joining(entry, state)
    if before is not None:
        check_kept(state, before=before)
        count = len(before["forwards"])
        others = [name for name in FOR_EVER if state[name] != before[name]]
        if others or state["forwards"][:count] != before["forwards"]:
            raise ValueError(f"{(*others, 'forwards')[0]} is another than when this tenant left")


def check_joining(entry: Entry, state: Mapping[str, Any]) -> None:
    """Raises ValueError where the first that a tenant hears of a case is not how one becomes a party of it."""
    if entry.type not in FIRST or state["state"] != STATE_AFTER[entry.type]:
        raise ValueError(f"nobody joins by {entry.type}")
    by, whose = str(entry.actor.tenant), state["handler"]
    if entry.type == CaseFiled.type:
        whose = str(entry.home)
    elif entry.type == CaseAssigned.type:
        whose = state["coordinator"]
    elif entry.type == CaseForwarded.type:
        whose = state["forwards"][-1]["by"]
    if by != whose:
        raise ValueError("somebody acted whose turn it was not")
    if entry.type in MOVES:
        _check_moved(entry, state, forwards=state["forwards"][:-1])
    check_first_clocks(entry, state)


def check_entry(entry: Entry, state: Mapping[str, Any], *, before: Mapping[str, Any]) -> None:
    """Raises ValueError where somebody else acted, or what stood is changed.

    What follows from silence is the home's to say, and not before the last day that both sides know is over.
    """
    _check_actor(entry, before)
    if entry.type in ACTION_OF and ACTION_OF[entry.type] not in CASE_LIFECYCLE.actions(before["state"]):
        raise ValueError(f"{entry.type} is not possible in {before['state']}")
    if state["state"] != STATE_AFTER.get(entry.type, before["state"]):
        raise ValueError(f"{state['state']} does not come about by {entry.type}")
    changed = [name for name, types in CHANGED_BY.items() if state[name] != before[name] and entry.type not in types]
    if changed:
        raise ValueError(f"{entry.type} changes no {changed[0]}")
    _check_said(entry, state, before=before)
    check_parts(entry, state, before=before)
    check_dates(entry, state, before=before)


def _check_said(entry: Entry, state: Mapping[str, Any], *, before: Mapping[str, Any]) -> None:
    """What the entry changes is what it says, and what it adds to stays."""
    said = entry.change
    if entry.type in MOVES:
        _check_moved(entry, state, forwards=before["forwards"])
    if entry.type in (CaseRated.type, CaseReplied.type):
        _check_rated(entry, state, before=before)
    if entry.type == CaseDecided.type:
        check_moment(state["decided_at"], entry)
    if state["is_overdue"] and not before["is_overdue"]:
        check_overdue(entry, before=before)
    told: dict[str, Any] = {"reason_digest": said["reason"]} if entry.type in BY_REASON else {}
    if entry.type == CaseReturned.type:
        asked_at = state["supplement"]["asked_at"]
        told["supplement"] = {"missing": said["missing"], "asked_at": asked_at, "reason_digest": said["reason"]}
    elif entry.type == CaseDecided.type:
        outcome = {"outcome": said["outcome"], "by_silence": said["by_silence"], "reason_digest": said["reason"]}
        told["decision"] = {**state["decision"], **outcome, "decided_at": state["decided_at"]}
    elif entry.type == CaseReopened.type:
        told |= {"reopened": 1, "ended_at": None}
    elif entry.type == CaseSupplemented.type:
        told = {f"{name}_digest": said.get(name) or before[f"{name}_digest"] for name in ("answers", "applicant")}
    wrong = [name for name, value in told.items() if state[name] != value]
    if wrong:
        raise ValueError(f"{entry.type} says something else of {wrong[0]}")


def _check_moved(entry: Entry, state: Mapping[str, Any], *, forwards: Sequence[Mapping[str, Any]]) -> None:
    """Who passes it on is named beside all who did so before."""
    said, (*others, last) = entry.change, state["forwards"]
    made = {"by": str(entry.actor.tenant), "to": said["to"], "reason_digest": said["reason"], "kind": said.get("kind")}
    if others != [*forwards] or last != {**made, "at": last["at"]} or state["handler"] != said["to"]:
        raise ValueError(f"{entry.type} does not make the forwards what they are said to be")


def _check_rated(entry: Entry, state: Mapping[str, Any], *, before: Mapping[str, Any]) -> None:
    """Each side says its own, once, of what the other side has said it answers, once."""
    said, by, known = entry.change, str(entry.actor.tenant), before["ratings"]
    sides = dict(zip(RATERS, (str(entry.home), before["handler"]), strict=True))
    rater, there = said["rated_by"], [one for one in known if one["by"] == said["rated_by"]]
    if entry.type == CaseRated.type:
        made = {"by": rater, "score": said["score"], "reason_digest": said["reason"], "reply_digest": None}
        is_own, is_once = sides[rater] == by, not there
        expected = [*known, {**made, "at": state["ratings"][-1]["at"]}]
    else:
        is_own, is_once = sides[other_side(rater)] == by, [one["reply_digest"] for one in there] == [None]
        expected = [{**one, "reply_digest": said["reply"]} if one["by"] == rater else one for one in known]
    if not is_own or not is_once or state["ratings"] != expected:
        raise ValueError(f"{entry.type} does not make the ratings what they are said to be")


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
    if silent and entry.type in SILENT:
        name, follows = SILENT[entry.type]
        if before["sheet"][name]["silence"] not in follows:
            raise ValueError("nothing follows from silence here")
        if entry.change.get("outcome", "approved") != "approved":
            raise ValueError("silence refuses nothing")
