"""The date that both sides agree on for the answer: proposed by one, agreed to or countered by the other.

It stands beside the legal term, which it never moves: a date that is kept is no excuse for a term that is not, and the
scoreboard counts both. `proposal` is `{"by", "on", "at", "reason_digest"}` in the case's state, the newest alone; what
was agreed holds until something else is. Our own rule, as no law knows such dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from events.entry import Entry
from events.requests import (
    CaseAssigned,
    CaseDateAgreed,
    CaseDateProposed,
    CaseDecided,
    CaseForwarded,
    CaseReopened,
)
from shared.core.calendar import day_of, read_day, read_moment
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError

PROPOSE, AGREE = OF_DATES = ("propose_date", "agree_date")
MOST_PROPOSALS = 10
"""Of one handling: after so many the legal term alone counts."""
WITHIN = timedelta(days=365)
NONE: Mapping[str, Any] = {"proposal": None, "proposals": 0, "agreed_on": None}
"""Before anything was proposed, and after another has come to handle it, who is bound by nothing."""
ANEW = (CaseForwarded.type, CaseAssigned.type, CaseReopened.type)


def sides_of(case: Mapping[str, Any], tenant: UUID) -> list[str]:
    """Which sides a tenant is: the applicant's where the case was filed, the handler's, or both."""
    sides = {"applicant": case["home_id"], "handler": case["handler"]}
    return [name for name, one in sides.items() if one == tenant]


def check_dating(case: Mapping[str, Any], *, action: str, by: UUID) -> None:
    """Raises `RefusedError` for who is no side, `ConflictError` where there is nothing to agree to, or no more."""
    mine, proposal = sides_of(case, by), case["proposal"]
    if not mine:
        raise RefusedError(
            "not_a_side",
            "只有收件方和承办方可以约定答复日期。",
            "Only the side where it was filed and the side that handles it agree on a date.",
        )
    if action == PROPOSE:
        if case["proposals"] >= MOST_PROPOSALS:
            raise ConflictError(
                "proposals_many",
                f"已提出 {MOST_PROPOSALS} 次日期。请接受最新的日期,或按法定期限办理。",
                f"{MOST_PROPOSALS} dates were proposed. Agree to the newest, or go by the legal term.",
            )
    elif proposal is None:
        raise ConflictError("no_proposal", "没有待接受的日期。", "No date is proposed now.")
    elif mine == [proposal["by"]]:
        raise _own_proposal()


def check_proposed(on: date, *, today: date) -> None:
    """From today, within a year; raises `InvalidError`."""
    if not today <= on <= today + WITHIN:
        zh, en = "请选择今天起一年内的日期。", "Choose a day from today, within a year."
        raise InvalidError("date_far", zh, en, [Fault("/on", zh, en)])


def check_agreed(proposal: Mapping[str, Any], *, on: date, side: str) -> None:
    """One agrees to the very date that stands there, and not to one's own; raises `ConflictError`."""
    if proposal["by"] == side:
        raise _own_proposal()
    if read_day(proposal["on"]) != on:
        raise ConflictError(
            "proposal_changed",
            f"对方已改为 {proposal['on']}。请确认后再接受。",
            f"The other side proposes {proposal['on']} now. Look at it, then agree.",
        )


def _own_proposal() -> ConflictError:
    return ConflictError(
        "own_proposal",
        "这是贵方提出的日期,须由对方接受。可另提日期。",
        "Your own side proposed this date: the other one agrees to it. You may propose another.",
    )


def kept(agreed_on: date | None, *, decided_on: date) -> bool | None:
    """Whether the case was decided by the date that both sides agreed on; None where there is none."""
    return None if agreed_on is None else decided_on <= agreed_on


def check_dates(entry: Entry, state: Mapping[str, Any], *, before: Mapping[str, Any]) -> None:
    """What a party believes of dates: raises ValueError where a side is said to agree to what it did not.

    A home that handles the case itself speaks for both sides.
    """
    told, known = ({name: one[name] for name in NONE} for one in (state, before))
    said, by = entry.change, str(entry.actor.tenant)
    sides = {"applicant": str(entry.home), "handler": before["handler"]}
    expected = NONE if entry.type in ANEW else known
    if entry.type == CaseDateProposed.type:
        if sides.get(said["by"]) != by:
            raise ValueError("a date is said to be proposed by who did not")
        at = (told["proposal"] or {}).get("at")
        proposal = {"by": said["by"], "on": said["on"], "at": at, "reason_digest": said["reason"]}
        expected = {**known, "proposal": proposal, "proposals": (known["proposals"] or 0) + 1}
    if entry.type == CaseDateAgreed.type:
        proposal = known["proposal"] or {}
        others = [one for name, one in sides.items() if name != proposal.get("by")]
        if by not in others or proposal.get("on") != said["on"]:
            raise ValueError("a date is said to be agreed to by who did not")
        expected = {**known, "proposal": None, "agreed_on": said["on"]}
    if told != expected:
        raise ValueError(f"{entry.type} does not make the dates what they are said to be")
    if state["agreed_kept"] != _kept_by(entry, state, before=before):
        raise ValueError("the agreed date is said to be kept, or not, against the day of the decision")


def _kept_by(entry: Entry, state: Mapping[str, Any], *, before: Mapping[str, Any]) -> bool | None:
    known: bool | None = before["agreed_kept"]
    if entry.type != CaseDecided.type or state["agreed_on"] is None:
        return known
    return kept(read_day(state["agreed_on"]), decided_on=day_of(read_moment(state["decided_at"])))
