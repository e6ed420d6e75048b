"""What a party believes of clocks, forwards, ratings and silence: what stands stays, what comes was said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest

from events import requests as events
from events.canonical import plain
from services.requests.domain import clocks
from services.requests.domain.believing import check_entry, check_next
from services.requests.domain.clock_entries import check_clocks, check_due, earliest
from services.requests.domain.clocks import of_applicant, of_handler
from tests.requests.given import SHEET
from tests.requests.test_believing import (
    AT,
    DECIDED,
    FORWARDED,
    HOME,
    LEAD,
    NEWER,
    ONE,
    OTHER,
    PAUSED,
    RETURNED,
    TASK,
    WHY,
    State,
    case,
    decided,
    entry,
    move,
)

EARLIER = "2025-12-01T00:00:00.000000Z"
NOW, THEN = (datetime.fromisoformat(text) for text in (AT, EARLIER))
RUNNING = clocks.begun([], clock="answer", term=SHEET["answer"], side=of_handler(LEAD), now=THEN)
ACCEPTING = clocks.begun([], clock="acceptance", term=SHEET["acceptance"], side=of_handler(LEAD), now=THEN)
STANDING = clocks.turned(RUNNING, owner=str(LEAD), ground="hearing", now=THEN)
DELIVERY = clocks.begun(RUNNING, clock="delivery", term=SHEET["delivery"], side=of_handler(LEAD), now=NOW)
PAPERS = clocks.begun(ACCEPTING, clock="supplement", term=SHEET["supplement"], side=of_applicant(HOME), now=NOW)
MOVED = clocks.turned(ACCEPTING, owner=str(ONE), now=NOW, calendar=str(ONE))
BY_SILENCE = clocks.begun(
    clocks.stopped(ACCEPTING, now=NOW), clock="answer", term=SHEET["answer"], side=of_handler(LEAD), now=THEN
)
SILENTLY, ACCEPTED = events.CaseAccepted(by_silence=True), events.CaseAccepted(by_silence=False)
EXTENDED = events.CaseExtended(days=5, reason=WHY)


def counted(found: Any, **values: Any) -> State:
    state: State = plain(case(sheet=SHEET, clocks=found, **values))
    return state


def last(found: Any, **values: Any) -> Any:
    return [*found[:-1], {**found[-1], **values}]


def since(found: Any, moment: str) -> Any:
    return last(found, turns=[*found[-1]["turns"][:-1], {**found[-1]["turns"][-1], "since": moment}])


COUNTED: Mapping[str, tuple[Any, Any, Any]] = {
    "paused": (RUNNING, PAUSED, clocks.turned(RUNNING, owner=str(LEAD), ground="hearing", now=NOW)),
    "resumed": (STANDING, events.CaseResumed(), clocks.turned(STANDING, owner=str(LEAD), now=NOW)),
    "extended": (RUNNING, EXTENDED, last(RUNNING, extra=5)),
    "decided": (RUNNING, DECIDED, DELIVERY),
    "papers asked for": (ACCEPTING, RETURNED, PAPERS),
    "forwarded": (ACCEPTING, FORWARDED, MOVED),
    "accepted by silence": (ACCEPTING, SILENTLY, BY_SILENCE),
    "withdrawn": (RUNNING, events.CaseWithdrawn(by_silence=False), clocks.stopped(RUNNING, now=NOW)),
    "counted anew": (RUNNING, NEWER, RUNNING),
}
MISCOUNTED: Mapping[str, tuple[Any, Any, Any]] = {
    "paused on another ground": (RUNNING, PAUSED, STANDING),
    "paused for the applicant": (RUNNING, PAUSED, clocks.turned(RUNNING, owner="applicant", ground="hearing", now=NOW)),
    "paused long ago": (RUNNING, PAUSED, clocks.turned(RUNNING, owner=str(LEAD), ground="hearing", now=THEN)),
    "a pause that leaves the clock running": (RUNNING, PAUSED, RUNNING),
    "extended by more": (RUNNING, EXTENDED, last(RUNNING, extra=6)),
    "extended beside": (RUNNING, NEWER, last(RUNNING, extra=5)),
    "more days": (RUNNING, NEWER, last(RUNNING, days=200)),
    "other days": (RUNNING, NEWER, last(RUNNING, unit="calendar")),
    "another's calendar": (RUNNING, PAUSED, last(COUNTED["paused"][2], calendar=str(OTHER))),
    "another's calendar than the new handler's": (ACCEPTING, FORWARDED, last(MOVED, calendar=str(OTHER))),
    "a turn beside": (RUNNING, NEWER, clocks.turned(RUNNING, owner="applicant", now=NOW)),
    "a term beside": (RUNNING, NEWER, DELIVERY),
    "a term that begins long ago": (RUNNING, DECIDED, since(DELIVERY, EARLIER)),
    "a longer term than the sheet's": (RUNNING, DECIDED, last(DELIVERY, days=99)),
    "a term of another name": (RUNNING, DECIDED, last(DELIVERY, clock="answer")),
    "papers asked of the handler": (ACCEPTING, RETURNED, last(PAPERS, calendar=str(LEAD))),
    "silence that accepts later": (ACCEPTING, SILENTLY, since(BY_SILENCE, AT)),
    "a word that accepts earlier": (ACCEPTING, ACCEPTED, BY_SILENCE),
    "days that were counted": (RUNNING, NEWER, since(RUNNING, AT)),
    "no clock at all": (RUNNING, NEWER, []),
}


@pytest.mark.parametrize("name", COUNTED)
def test_clocks_that_follow_from_what_was_done_are_believed(name: str) -> None:
    known, said, told = COUNTED[name]
    handler = str(ONE) if said is FORWARDED else str(LEAD)
    check_clocks(entry(said, by=LEAD), counted(told, handler=handler), before=counted(known))


@pytest.mark.parametrize("name", MISCOUNTED)
def test_clocks_that_nobody_set_so_are_not_believed(name: str) -> None:
    known, said, told = MISCOUNTED[name]
    handler = str(ONE) if said is FORWARDED else str(LEAD)
    with pytest.raises(ValueError, match=r"clocks|time|term|days"):
        check_clocks(entry(said, by=LEAD), counted(told, handler=handler), before=counted(known))


def test_a_term_ends_no_earlier_than_if_all_its_days_counted() -> None:
    (clock,) = RUNNING
    paused = clocks.turned(RUNNING, owner=str(LEAD), ground="hearing", now=datetime.fromisoformat("2025-12-11T00:00Z"))
    resumed = clocks.turned(paused, owner=str(LEAD), now=datetime.fromisoformat("2025-12-15T00:00Z"))
    late = clocks.turned(RUNNING, owner=str(LEAD), ground="hearing", now=NOW)
    assert earliest(clock) == date(2025, 12, 21)
    assert earliest({**clock, "extra": 10}) == date(2025, 12, 31)
    assert (earliest(paused[0]), earliest(resumed[0])) == (None, date(2025, 12, 25))
    # What was over before it stood still stays so.
    assert earliest(late[0]) == date(2025, 12, 21)
    check_due(counted(RUNNING, due_on="2025-12-21"))
    check_due(counted(paused, due_on=None))
    for found, day in ((RUNNING, "2025-12-20"), (paused, "2026-12-31"), (resumed, "2025-12-24"), ([], "2025-12-31")):
        with pytest.raises(ValueError, match="before its days"):
            check_due(counted(found, due_on=day))


def silence(name: str, follows: str) -> State:
    return {**SHEET, name: {**SHEET[name], "silence": follows}}


@pytest.mark.parametrize(
    ("sheet", "believed"),
    [(silence("answer", "none"), False), (silence("answer", "approved"), True), (silence("answer", "renewed"), True)],
)
def test_silence_decides_only_where_the_sheet_says_so(sheet: State, believed: bool) -> None:
    at = f"{DAY_AFTER}T15:59:59.000000Z"
    before = case(sheet=sheet)
    state = decided(before, on=DAY_AFTER, kept=None)
    state["decision"] = {**state["decision"], "by_silence": True}
    said = entry(events.CaseDecided(outcome="approved", reason=WHY, by_silence=True), at=at)
    refusing = entry(events.CaseDecided(outcome="refused", reason=WHY, by_silence=True), at=at)
    _holds(said, state, before=before, believed=believed)
    refused = {**state, "decision": {**state["decision"], "outcome": "refused"}}
    _holds(refusing, refused, before=before, believed=False)


@pytest.mark.parametrize(("follows", "believed"), [("accepted", True), ("none", False)])
def test_silence_accepts_only_where_the_sheet_says_so(follows: str, believed: bool) -> None:
    before = case(sheet=silence("acceptance", follows), state="filed")
    said = entry(SILENTLY, at="2026-02-03T00:00:00.000000Z")
    _holds(said, {**before, "state": "accepted"}, before=before, believed=believed)


DAY_AFTER = "2026-02-03"
OURS, THEIRS = (
    {"by": by, "score": score, "at": AT, "reason_digest": WHY.digest, "reply_digest": None}
    for by, score in (("applicant", 5), ("handler", 1))
)
RATE = events.CaseRated(rated_by="applicant", score=5, reason=WHY)
REPLY = events.CaseReplied(rated_by="handler", reply=TASK)
ENDED = case(state="closed")
RATED = {**ENDED, "ratings": [THEIRS]}
BOTH = {**ENDED, "ratings": [THEIRS, OURS]}
ANSWERED = {**ENDED, "ratings": [{**THEIRS, "reply_digest": TASK.digest}]}
PASSED = {**move(LEAD, ONE), "kind": None}
ONCE = case(state="filed", forwards=[{**move(ONE, LEAD), "kind": "other"}])
TWICE = {**ONCE, "handler": str(ONE), "forwards": [*ONCE["forwards"], PASSED]}
LATE = case(clocks=plain(RUNNING), is_overdue=False)
OVERDUE, TOO_EARLY = (
    events.CaseOverdue(clock="answer", due_on=day, owner=str(LEAD)) for day in (date(2025, 12, 30), date(2025, 12, 20))
)
HISTORIES: Mapping[str, tuple[State, Any, State, bool]] = {
    "rated": (RATED, entry(RATE), BOTH, True),
    "answered": (RATED, entry(REPLY), ANSWERED, True),
    "forwarded again": (ONCE, entry(FORWARDED, by=LEAD), TWICE, True),
    "the other's rating goes": (RATED, entry(RATE), {**ENDED, "ratings": [OURS]}, False),
    "the other's rating is better": (RATED, entry(RATE), {**ENDED, "ratings": [{**THEIRS, "score": 5}, OURS]}, False),
    "another score than said": (RATED, entry(RATE), {**ENDED, "ratings": [THEIRS, {**OURS, "score": 1}]}, False),
    "rated as the other": (ENDED, entry(events.CaseRated(rated_by="handler", score=1, reason=WHY)), RATED, False),
    "rated twice": (BOTH, entry(RATE), {**ENDED, "ratings": [THEIRS, OURS, OURS]}, False),
    "answered for the other": (RATED, entry(REPLY, by=LEAD), ANSWERED, False),
    "answered twice": (ANSWERED, entry(REPLY), ANSWERED, False),
    "rated while it is handled": (case(), entry(RATE), case(ratings=[OURS]), False),
    "an earlier forward goes": (ONCE, entry(FORWARDED, by=LEAD), {**TWICE, "forwards": [PASSED]}, False),
    "an earlier forward is another's": (
        ONCE, entry(FORWARDED, by=LEAD),
        {**TWICE, "forwards": [{**ONCE["forwards"][0], "by": str(OTHER)}, PASSED]}, False,
    ),
    "forwarded for another reason": (
        ONCE, entry(FORWARDED, by=LEAD),
        {**TWICE, "forwards": [*ONCE["forwards"], {**PASSED, "reason_digest": TASK.digest}]}, False,
    ),
    "other papers asked for": (
        case(state="filed"), entry(RETURNED, by=LEAD),
        case(state="returned", supplement={"missing": ["x"], "asked_at": AT, "reason_digest": WHY.digest}), False,
    ),
    "ended beside": (case(), entry(NEWER), case(state="closed"), False),
    "days of its own beside": (case(), entry(NEWER), case(own_days=1), False),
    "silent too early": (
        case(state="filed", sheet=SHEET), entry(SILENTLY), case(state="accepted", sheet=SHEET), False,
    ),
    "overdue": (LATE, entry(OVERDUE), {**LATE, "is_overdue": True}, True),
    "overdue beside": (LATE, entry(NEWER), {**LATE, "is_overdue": True}, False),
    "overdue too early": (LATE, entry(OVERDUE, at="2025-12-30T00:00:00Z"), {**LATE, "is_overdue": True}, False),
    "overdue before its days": (LATE, entry(TOO_EARLY), {**LATE, "is_overdue": True}, False),
    "papers asked for": (
        case(state="filed"), entry(RETURNED, by=LEAD),
        case(state="returned", supplement={"missing": ["scope"], "asked_at": AT, "reason_digest": WHY.digest}), True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HISTORIES)
def test_what_was_said_before_stays_and_what_is_added_was_said(name: str) -> None:
    before, said, state, believed = HISTORIES[name]
    _holds(said, state, before=before, believed=believed)


FILED = events.CaseFiled(number="N", handler=LEAD, applicant=None, answers=None)
FRESH = clocks.begun([], clock="acceptance", term=SHEET["acceptance"], side=of_handler(LEAD), now=NOW)
ASKED = clocks.begun([], clock="acceptance", term=SHEET["acceptance"], side=of_applicant(HOME), now=NOW)
FIRST = counted(FRESH, state="filed", due_on=None, number="N")
BACK = events.CaseForwarded(to=LEAD, reason=WHY, applicant=None, answers=None)
PASSED_BACK = {**move(ONE, LEAD), "kind": None}
RETURNED_TO = clocks.turned(MOVED, owner=str(LEAD), now=NOW, calendar=str(LEAD))
LEFT = counted(MOVED, state="filed", due_on=None, number="N", handler=str(ONE), forwards=[PASSED])
BACK_AGAIN = {**LEFT, "clocks": plain(RETURNED_TO), "handler": str(LEAD), "forwards": [PASSED, PASSED_BACK]}
JOINING: Mapping[str, tuple[Any, Any, State, bool]] = {
    "filed": (None, entry(FILED), FIRST, True),
    "filed by another": (None, entry(FILED, by=LEAD), FIRST, False),
    "filed long ago": (None, entry(FILED), {**FIRST, "clocks": plain(ACCEPTING)}, False),
    "filed with a longer term": (None, entry(FILED), {**FIRST, "clocks": plain(last(FRESH, days=99))}, False),
    "filed against the applicant": (None, entry(FILED), {**FIRST, "clocks": plain(ASKED)}, False),
    "filed, and accepted": (None, entry(FILED), {**FIRST, "state": "accepted"}, False),
    "counted anew": (None, entry(NEWER), FIRST, False),
    "come back": (LEFT, entry(BACK, by=ONE), BACK_AGAIN, True),
    "come back, and another number": (LEFT, entry(BACK, by=ONE), {**BACK_AGAIN, "number": "M"}, False),
    "come back, and another had it first": (
        LEFT, entry(BACK, by=ONE), {**BACK_AGAIN, "forwards": [{**PASSED, "by": str(OTHER)}, PASSED_BACK]}, False,
    ),
    "come back on another's turn": (
        LEFT, entry(BACK, by=ONE), {**BACK_AGAIN, "clocks": plain(last(RETURNED_TO, calendar=str(ONE)))}, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", JOINING)
def test_one_becomes_a_party_by_what_makes_one_a_party(name: str) -> None:
    before, said, state, believed = JOINING[name]
    try:
        check_next(said, state, before=before, joins=True)
    except ValueError:
        assert not believed
    else:
        assert believed


def _holds(said: Any, state: State, *, before: State, believed: bool) -> None:
    try:
        check_entry(said, state, before=before)
    except ValueError:
        assert not believed
    else:
        assert believed
