"""What a party believes of its home, rule by rule: the true next version, and none of those beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from events import requests as events
from events.canonical import plain
from events.catalog import Change
from events.text import FreeText
from services.requests.domain.believing import CHANGED_BY, check_command, check_entry
from services.requests.domain.dates import NONE
from services.requests.domain.parts import changed

HOME, LEAD, ONE, OTHER = (UUID(int=number) for number in range(1, 5))
WHY, TASK = FreeText("试"), FreeText("核验设备")
AT, DAY = "2026-01-01T00:00:00.000000Z", "2026-02-01"
State = dict[str, Any]


def part(part: int, to: UUID, **values: Any) -> State:
    return {
        "part": part, "to": str(to), "task_digest": TASK.digest, "asked_at": AT, "due_on": None, "state": "open",
        "result_digest": None, "done_at": None, "moves": [], **values,
    }  # fmt: skip


def case(*parts: State, **values: Any) -> State:
    """What is known of a case that Guizhou leads."""
    known = dict.fromkeys((*CHANGED_BY, *NONE, "agreed_kept"))
    fixed = {
        "proposals": 0, "state": "accepted", "handler": str(LEAD), "clocks": [], "due_on": DAY, "part_files": [],
        "forwards": [], "ratings": [], "reason_digest": WHY.digest,
    }  # fmt: skip
    return {**known, **fixed, "parts": [*parts], **values}


def entry(change: Change, *, by: UUID = HOME, at: str = AT) -> Any:
    document = plain(change)
    moment = datetime.fromisoformat(at).astimezone(UTC)
    return SimpleNamespace(
        type=change.type, change=document, home=HOME, actor=SimpleNamespace(tenant=by), occurred_at=moment
    )


def move(by: UUID, to: UUID) -> State:
    return {"by": str(by), "to": str(to), "at": AT, "reason_digest": WHY.digest}


def lost(by: UUID, to: UUID, *, had: UUID = ONE) -> State:
    """How a part went from who had it."""
    return {**move(by, to), "had": str(had)}


DONE = {"state": "done", "result_digest": WHY.digest, "done_at": AT}
SIDES = ("applicant", "handler")
TWO = case(part(1, ONE), part(2, OTHER))
LAST = case(part(1, ONE), part(2, OTHER, **DONE))
BACK = case(part(1, ONE, state="handed_back", moves=[lost(ONE, LEAD)]), part(2, OTHER))
FILE = {"sha256": "0" * 64, "size": 1, "name": "x", "media_type": "text/csv", "part": 1}
SPLIT = events.CaseSplit(to=(ONE, OTHER), tasks=(TASK, TASK), applicant=None, answers=None)
FINISHED = events.CasePartFinished(part=1, result=WHY)
MERGED = events.CaseMerged(part=1, result=WHY)
HANDED = events.CasePartHandedBack(part=1, reason=WHY)
GIVEN = events.CasePartReaddressed(part=1, to=OTHER, reason=WHY, task=None, applicant=None, answers=None)
WITHDRAWN = events.CaseWithdrawn(by_silence=False)
DECIDED = events.CaseDecided(outcome="approved", reason=WHY, by_silence=False)
NEWER = events.CaseDueChanged(due_on=None, was_due_on=None)


def decided(before: State, *, on: str, kept: bool | None) -> State:
    at = f"{on}T15:59:59.000000Z"
    decision = {"outcome": "approved", "ground": None, "remedy": None, "decided_at": at, "by_silence": False}
    decision["reason_digest"] = WHY.digest
    return {**before, "state": "decided", "decided_at": at, "decision": decision, "agreed_kept": kept}


def deciding(on: str) -> Any:
    return entry(DECIDED, by=LEAD, at=f"{on}T15:59:59.000000Z")


def after(before: State, part: int = 1, **values: Any) -> State:
    return {**before, "parts": changed(before["parts"], part, **values)}


def proposed(by: str, **values: Any) -> State:
    return case(proposal={"by": by, "on": DAY, "at": AT, "reason_digest": WHY.digest}, proposals=1, **values)


OURS, THEIRS = (events.CaseDateProposed(by=by, on=date.fromisoformat(DAY), reason=WHY) for by in SIDES)
AGREED = events.CaseDateAgreed(on=date.fromisoformat(DAY))
AGREED_ON = case(proposals=1, agreed_on=DAY)
FORWARDED = events.CaseForwarded(to=ONE, reason=WHY, applicant=None, answers=None)
GIVEN_ON = {"state": "open", "to": str(OTHER), "moves": [lost(ONE, LEAD), lost(LEAD, OTHER)]}
TRUE: Mapping[str, tuple[State, Any, State]] = {
    "split": (case(), entry(SPLIT, by=LEAD), TWO),
    "finished": (TWO, entry(FINISHED, by=ONE), {**after(TWO, **DONE), "part_files": [FILE]}),
    "merged": (LAST, entry(MERGED, by=ONE), after(LAST, **DONE)),
    "handed back": (TWO, entry(HANDED, by=ONE), after(TWO, state="handed_back", moves=[lost(ONE, LEAD)])),
    "given to another": (BACK, entry(GIVEN, by=LEAD), after(BACK, **GIVEN_ON)),
    "taken from who is silent": (TWO, entry(GIVEN, by=LEAD), after(TWO, to=str(OTHER), moves=[lost(LEAD, OTHER)])),
    "withdrawn": (TWO, entry(WITHDRAWN), case(*(part(n, one, state="lapsed") for n, one in ((1, ONE), (2, OTHER))),
                                              state="withdrawn")),
    "a date proposed": (case(), entry(OURS), proposed("applicant")),
    "a date countered": (proposed("applicant"), entry(THEIRS, by=LEAD), {**proposed("handler"), "proposals": 2}),
    "a date agreed": (proposed("applicant"), entry(AGREED, by=LEAD), AGREED_ON),
    "a date agreed here": (proposed("handler"), entry(AGREED), AGREED_ON),
    "kept": (AGREED_ON, deciding(DAY), decided(AGREED_ON, on=DAY, kept=True)),
    "not kept": (AGREED_ON, deciding("2026-02-02"), decided(AGREED_ON, on="2026-02-02", kept=False)),
    "forwarded, so nothing is agreed": (
        {**AGREED_ON, "state": "filed"}, entry(FORWARDED, by=LEAD),
        case(state="filed", handler=str(ONE), forwards=[{**move(LEAD, ONE), "kind": None}]),
    ),
    "counted anew": (TWO, entry(NEWER), TWO),
}  # fmt: skip
FALSE: Mapping[str, tuple[State, Any, State]] = {
    "a part is done by another": (TWO, entry(FINISHED, by=OTHER), after(TWO, **DONE)),
    "a part is done by the lead": (TWO, entry(FINISHED, by=LEAD), after(TWO, **DONE)),
    "a part is done by the home": (TWO, entry(FINISHED), after(TWO, **DONE)),
    "another part is done as well": (
        TWO, entry(FINISHED, by=ONE), case(part(1, ONE, **DONE), part(2, OTHER, **DONE)),
    ),
    "with another result": (TWO, entry(FINISHED, by=ONE), after(TWO, **{**DONE, "result_digest": TASK.digest})),
    "a part is done twice": (LAST, entry(events.CasePartFinished(part=2, result=WHY), by=OTHER), LAST),
    "it is whole too early": (TWO, entry(MERGED, by=ONE), after(TWO, **DONE)),
    "with another's file": (
        TWO, entry(FINISHED, by=ONE), {**after(TWO, **DONE), "part_files": [{**FILE, "part": 2}]},
    ),
    "a file comes beside": (TWO, entry(NEWER), {**TWO, "part_files": [FILE]}),
    "a file goes": ({**LAST, "part_files": [FILE]}, entry(NEWER), LAST),
    "handed back for another": (TWO, entry(HANDED, by=OTHER), after(TWO, state="handed_back", moves=[lost(ONE, LEAD)])),
    "taken from who did not have it": (
        TWO, entry(GIVEN, by=LEAD), after(TWO, to=str(OTHER), moves=[lost(LEAD, OTHER, had=HOME)]),
    ),
    "handed back to another": (TWO, entry(HANDED, by=ONE), after(TWO, state="handed_back", moves=[lost(ONE, OTHER)])),
    "given on by the home": (BACK, entry(GIVEN), after(BACK, **GIVEN_ON)),
    "given to another than said": (BACK, entry(GIVEN, by=LEAD), after(BACK, **{**GIVEN_ON, "to": str(HOME)})),
    "split by the home": (case(), entry(SPLIT), TWO),
    "split into another's part": (case(), entry(SPLIT, by=LEAD), case(part(1, ONE), part(2, LEAD))),
    "split while a part is not done": (
        TWO, entry(SPLIT, by=LEAD), case(*TWO["parts"], part(3, ONE), part(4, OTHER)),
    ),
    "split with a part done": (case(), entry(SPLIT, by=LEAD), case(part(1, ONE, **DONE), part(2, OTHER))),
    "decided while a part is not done": (TWO, deciding(DAY), decided(TWO, on=DAY, kept=None)),
    "a date proposed for the other": (case(), entry(THEIRS), proposed("handler")),
    "a date proposed as the other": (case(), entry(OURS, by=LEAD), proposed("applicant")),
    "another date than proposed": (case(), entry(OURS), {**proposed("applicant"), "proposal": {"on": AT}}),
    "a date agreed by who proposed it": (proposed("applicant"), entry(AGREED), AGREED_ON),
    "a date agreed by a third": (proposed("applicant"), entry(AGREED, by=ONE), AGREED_ON),
    "a date agreed that nobody proposed": (case(), entry(AGREED, by=LEAD), case(agreed_on=DAY)),
    "another date agreed": (
        {**proposed("applicant"), "proposal": {"by": "applicant", "on": AT}}, entry(AGREED, by=LEAD), AGREED_ON,
    ),
    "a date agreed beside": (proposed("applicant"), entry(NEWER), AGREED_ON),
    "a date forgotten beside": (AGREED_ON, entry(NEWER), case(proposals=1)),
    "said to be kept": (AGREED_ON, deciding("2026-02-02"), decided(AGREED_ON, on="2026-02-02", kept=True)),
    "said not to be kept": (AGREED_ON, deciding(DAY), decided(AGREED_ON, on=DAY, kept=False)),
    "said to be kept where there was none": (case(), deciding(DAY), decided(case(), on=DAY, kept=True)),
    "kept, as it was decided on another day": (
        AGREED_ON, deciding("2026-02-02"), decided(AGREED_ON, on=DAY, kept=True),
    ),
    "kept beside": (case(), entry(NEWER), case(agreed_kept=True)),
    "a part lapses beside": (TWO, entry(NEWER), after(TWO, state="lapsed")),
    "a part goes": (TWO, entry(NEWER), case(part(1, ONE))),
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE)
def test_what_was_done_is_believed(name: str) -> None:
    before, said, state = TRUE[name]
    check_entry(said, state, before=before)


@pytest.mark.parametrize("name", FALSE)
def test_what_nobody_did_is_not_believed(name: str) -> None:
    before, said, state = FALSE[name]
    with pytest.raises(ValueError, match=r"\w"):
        check_entry(said, state, before=before)


def asked(name: str, **params: Any) -> State:
    return {"name": f"requests.case.{name}", "params": params}


FINISH: Callable[..., State] = lambda **params: asked(  # noqa: E731 - a short name for what the table below repeats
    "finish_part", **{"part": 1, "result": WHY.digest, "attachments": [], **params}
)
PARTS = [{"to": str(ONE), "task": TASK.digest, "due_on": None}, {"to": str(OTHER), "task": TASK.digest, "due_on": None}]
FINISHED_STATE = after(TWO, **DONE)
DECIDE = asked("decide", outcome="approved", reason=WHY.digest, ground=None, remedy=None)
PAUSED = events.CasePaused(ground="hearing", owner="handler", reason=WHY)
RATED = events.CaseRated(rated_by="handler", score=5, reason=WHY)
RETURNED = events.CaseReturned(missing=("scope",), reason=WHY, answer_by=None)
EXTENDED = events.CaseExtended(days=5, reason=WHY)


@pytest.mark.parametrize(
    ("change", "state", "command", "holds"),
    [
        (FINISHED, FINISHED_STATE, FINISH(), True),
        (FINISHED, FINISHED_STATE, FINISH(part=2), False),
        (FINISHED, FINISHED_STATE, FINISH(result=TASK.digest), False),
        (FINISHED, FINISHED_STATE, FINISH(attachments=[{"sha256": "0"}]), False),
        (FINISHED, {**FINISHED_STATE, "part_files": [FILE]}, FINISH(), False),
        (FINISHED, FINISHED_STATE, {**FINISH(), "name": "requests.case.hand_back_part"}, False),
        (SPLIT, TWO, asked("split", parts=PARTS), True),
        (SPLIT, TWO, asked("split", parts=[{**PARTS[0], "to": str(LEAD)}, PARTS[1]]), False),
        (SPLIT, TWO, asked("split", parts=[{**PARTS[0], "due_on": DAY}, PARTS[1]]), False),
        (SPLIT, TWO, asked("split", parts=[{**PARTS[0], "task": WHY.digest}, PARTS[1]]), False),
        (AGREED, AGREED_ON, asked("agree_date", on=DAY), True),
        (AGREED, AGREED_ON, asked("agree_date", on="2026-02-02"), False),
        (AGREED, AGREED_ON, asked("propose_date", on=DAY, reason=WHY.digest), False),
        (THEIRS, AGREED_ON, asked("propose_date", on=DAY, reason=WHY.digest), True),
        (THEIRS, AGREED_ON, asked("propose_date", on=DAY, reason=TASK.digest), False),
        (PAUSED, case(), asked("pause", ground="hearing", owner="handler", reason=WHY.digest), True),
        (PAUSED, case(), asked("pause", ground="hearing", owner="applicant", reason=WHY.digest), False),
        (PAUSED, case(), asked("pause", ground="testing", owner="handler", reason=WHY.digest), False),
        (RATED, case(), asked("rate", score=5, reason=WHY.digest), True),
        (RATED, case(), asked("rate", score=1, reason=WHY.digest), False),
        (RETURNED, case(), asked("return", missing=["scope"], reason=WHY.digest), True),
        (RETURNED, case(), asked("return", missing=["since"], reason=WHY.digest), False),
        (EXTENDED, case(clocks=[{"extra": 5}]), asked("extend", days=5, reason=WHY.digest), True),
        (EXTENDED, case(clocks=[{"extra": 6}]), asked("extend", days=5, reason=WHY.digest), False),
        (EXTENDED, case(clocks=[{"extra": 6}]), asked("extend", days=6, reason=WHY.digest), False),
        (FORWARDED, case(handler=str(ONE)), asked("forward", to=str(ONE), reason=WHY.digest, kind=None), True),
        (FORWARDED, case(handler=str(ONE)), asked("forward", to=str(ONE), reason=WHY.digest, kind="other"), False),
        (FORWARDED, case(handler=str(OTHER)), asked("forward", to=str(ONE), reason=WHY.digest, kind=None), False),
        (DECIDED, decided(case(), on=DAY, kept=None), DECIDE, True),
        (DECIDED, decided(case(), on=DAY, kept=None), {**DECIDE, "params": {**DECIDE["params"], "ground": "x"}}, False),
        (DECIDED, decided(case(), on=DAY, kept=None), {**DECIDE, "params": {**DECIDE["params"], "remedy": "x"}}, False),
        (GIVEN, after(BACK, **GIVEN_ON), asked("readdress_part", part=1, to=str(OTHER), reason=WHY.digest), True),
        (GIVEN, after(BACK, **GIVEN_ON), asked("readdress_part", part=1, to=str(ONE), reason=WHY.digest), False),
        (
            GIVEN,
            after(BACK, **GIVEN_ON, due_on=DAY),
            asked("readdress_part", part=1, to=str(OTHER), reason=WHY.digest, due_on=None),
            False,
        ),
    ],
)
def test_a_signed_command_is_proof_of_just_what_it_asked(
    change: Change, state: State, command: State, holds: bool
) -> None:
    try:
        check_command(entry(change, by=ONE), state, asked=command)
    except ValueError:
        assert not holds
    else:
        assert holds
