"""What a party believes of a case's clocks: what was counted stays, and a new term is the sheet's and begins now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from events.entry import Entry
from events.requests import (
    CaseAccepted,
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseDelivered,
    CaseExtended,
    CaseFiled,
    CaseForwarded,
    CaseOverdue,
    CasePaused,
    CaseReopened,
    CaseResumed,
    CaseReturned,
    CaseSupplemented,
    CaseWithdrawn,
)
from services.requests.domain.clocks import (
    ACCEPTANCE,
    ANSWER,
    APPLICANT,
    CONFIRMATION,
    CONFIRMED_WITHIN,
    DELIVERY,
    SUPPLEMENT,
)
from services.requests.domain.part_entries import COMMAND_OF_PARTS
from services.requests.domain.parts import owner_of_days
from shared.core.calendar import day_of, end_of, read_day, read_moment

BEGINS = {
    CaseFiled.type: ACCEPTANCE, CaseSupplemented.type: ACCEPTANCE, CaseReturned.type: SUPPLEMENT,
    CaseAccepted.type: ANSWER, CaseReopened.type: ANSWER, CaseDecided.type: DELIVERY, CaseDelivered.type: CONFIRMATION,
}  # fmt: skip
"""Which clock begins by which event; no other begins one."""
MOVES = (CaseForwarded.type, CaseAssigned.type)
ENDS = (CaseClosed.type, CaseWithdrawn.type)
TURNS = (*BEGINS, *MOVES, *ENDS, CasePaused.type, CaseResumed.type, CaseExtended.type, *COMMAND_OF_PARTS)
"""What changes the clocks at all."""
NEAR = timedelta(minutes=10)
"""By how much two times of one version may differ."""
State = Mapping[str, Any]


def check_moment(said: str, entry: Entry) -> None:
    """Raises ValueError where something is said to have been at another time than the entry itself."""
    if abs(read_moment(said) - entry.occurred_at) > NEAR:
        raise ValueError("it is said to have been at another time")


def check_kept(state: State, *, before: State) -> None:
    """Raises ValueError where turns that were counted through are others now, however much has come since."""
    known, told = before["clocks"], state["clocks"]
    kept = all(new["clock"] == old["clock"] and new["turns"][: len(old["turns"])] == old["turns"]
               for old, new in zip(known, told, strict=False))  # fmt: skip
    if not kept or len(told) < len(known):
        raise ValueError("days that passed are counted otherwise")


def check_clocks(entry: Entry, state: State, *, before: State) -> None:
    """Raises ValueError where clocks became what the entry does not make of them."""
    check_kept(state, before=before)
    known, told = before["clocks"], state["clocks"]
    begun, new = told[len(known) :], list[State]()
    expected = [*known[:-1], *(_last(entry, state, before=before) if known else [])]
    if told[: len(known)] != expected:
        raise ValueError(f"{entry.type} does not make the clocks what they are said to be")
    if entry.type in BEGINS:
        since = begun[-1]["turns"][0]["since"]
        # What silence accepts is accepted since the papers were there.
        if entry.type == CaseAccepted.type and entry.change["by_silence"]:
            since = known[-1]["turns"][0]["since"]
        else:
            check_moment(since, entry)
        new.append(_begun(entry, state, since=since))
    if begun != new:
        raise ValueError(f"{entry.type} begins no such term")


def check_first_clocks(entry: Entry, state: State) -> None:
    """Raises ValueError where whoever is handed a case finds its clock on another's turn, or begun at another time."""
    clocks = state["clocks"]
    if entry.type not in (CaseFiled.type, *MOVES):
        return
    last = clocks[-1]["turns"][-1]
    check_moment(last["since"], entry)
    if entry.type == CaseFiled.type and clocks != [_begun(entry, state, since=last["since"])]:
        raise ValueError(f"{entry.type} begins no such term")
    if (last["owner"], last["ground"], clocks[-1]["calendar"]) != (state["handler"], None, state["handler"]):
        raise ValueError("the clock is said to run against somebody else")


def check_due(state: State) -> None:
    """Raises ValueError where a last day is said to come before all days of the term can have passed.

    Which days count is the calendar's to say; more than each of them no calendar can count.
    """
    if state["due_on"] is None:
        return
    first = earliest(state["clocks"][-1]) if state["clocks"] else None
    if first is None or read_day(state["due_on"]) < first:
        raise ValueError("the term is said to end before its days can have passed")


def check_overdue(entry: Entry, *, before: State) -> None:
    """Raises ValueError where a case is said to be overdue by another event, or before the term was over."""
    if entry.type != CaseOverdue.type:
        raise ValueError(f"{entry.type} makes nothing overdue")
    day, first = read_day(entry.change["due_on"]), earliest(before["clocks"][-1])
    if first is None or day < first or entry.occurred_at < end_of(day):
        raise ValueError("it is said to be overdue, before the term was over")


def earliest(clock: State) -> date | None:
    """The first day on which the term can end, were every day to count; None while it stands still."""
    left = int(clock["days"]) + int(clock["extra"])
    turns = [(day_of(read_moment(one["since"])), one) for one in clock["turns"]]
    for (day, one), (following, _next) in pairwise(turns):
        if not _counts(one):
            continue
        if (following - day).days >= left:
            return day + timedelta(days=left)
        left -= (following - day).days
    day, one = turns[-1]
    return day + timedelta(days=left) if _counts(one) else None


def _counts(turn: State) -> bool:
    return turn["owner"] is not None and turn["ground"] is None


def _last(entry: Entry, state: State, *, before: State) -> list[State]:
    """The clock that was the last one, with the turn that the entry brings about."""
    old, said = before["clocks"][-1], entry.change
    turns = state["clocks"][len(before["clocks"]) - 1]["turns"]
    changed: dict[str, Any] = {}
    if entry.type == CaseExtended.type:
        changed = {"extra": said["days"]}
    elif entry.type in MOVES:
        changed = {"calendar": said["to"]}
    turn = _turn(entry, state, before=before)
    if turn is not None:
        since = turns[-1]["since"]
        check_moment(since, entry)
        changed["turns"] = [*old["turns"], {"since": since, **turn}]
    return [{**old, **changed}]


def _turn(entry: Entry, state: State, *, before: State) -> State | None:
    """Whose turn begins with the entry, and on what ground; None where the one before goes on."""
    last, said = before["clocks"][-1]["turns"][-1], entry.change
    if entry.type == CasePaused.type:
        owner = APPLICANT if said["owner"] == APPLICANT else before["handler"]
        return {"owner": owner, "ground": said["ground"]}
    if entry.type in MOVES:
        return {"owner": said["to"], "ground": None}
    if entry.type in (*BEGINS, *ENDS):
        return None if last["owner"] is None else {"owner": None, "ground": None}
    owner = owner_of_days(state["parts"], handler=state["handler"])
    goes_on = last["ground"] is not None or last["owner"] == owner
    if entry.type != CaseResumed.type and (entry.type not in COMMAND_OF_PARTS or goes_on):
        return None
    return {"owner": owner, "ground": None}


def _begun(entry: Entry, state: State, *, since: str) -> State:
    """A clock as the entry begins it, by the term of the sheet."""
    name = BEGINS[entry.type]
    term = CONFIRMED_WITHIN if name == CONFIRMATION else state["sheet"][name]
    is_theirs = name in (SUPPLEMENT, CONFIRMATION)
    return {
        "clock": name, "days": term["days"], "unit": term["unit"], "extra": 0,
        "calendar": str(entry.home) if is_theirs else state["handler"],
        "turns": [{"since": since, "owner": APPLICANT if is_theirs else state["handler"], "ground": None}],
    }  # fmt: skip
