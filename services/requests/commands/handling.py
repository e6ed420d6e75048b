"""Writes of cases by whoever handles them: returned, forwarded, accepted, paused, extended, decided, delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from events.canonical import instant
from events.requests import (
    CaseAccepted,
    CaseAssigned,
    CaseClosed,
    CaseDecided,
    CaseDelivered,
    CaseExtended,
    CaseForwarded,
    CaseOverdue,
    CasePaused,
    CaseResumed,
    CaseReturned,
    CaseWithdrawn,
)
from events.text import FreeText
from services.requests.commands.cases import end_case
from services.requests.commands.counting import DUE, count_anew, days_of, follow_calendar, is_over, last_day
from services.requests.commands.moving import moved, set_all, told_again
from services.requests.commands.refusals import count_refusal
from services.requests.domain import clocks, dates
from services.requests.domain.cases import CASE_LIFECYCLE, check_extension, check_missing
from services.requests.domain.parts import lapsed, owner_of_days
from services.requests.domain.refusals import DECIDED, FORWARDED
from services.requests.models import Case
from shared.commands.registry import command
from shared.core.calendar import day_of, read_moment
from shared.core.errors import Fault, InvalidError
from shared.journal.session import Session
from shared.journal.timers import timer

REFUSAL_NEEDS = {
    "ground": ("请填写法律依据。", "Name the legal ground."),
    "remedy": ("请填写救济途径。", "Say what the applicant can do against it."),
}
BY_SILENCE = (
    "期限届满未作出决定,依照该事项的规则视为同意。"
    " / Nobody decided within the term; by the rules of this item that counts as approval."
)


@command("requests.case.return", Case)
def return_case(session: Session, key: UUID, *, missing: Sequence[str], reason: FreeText) -> Case:
    """Name all that is missing, once (行政许可法 art. 32); the applicant's own term begins."""
    case = moved(session, key, action="return")
    check_missing(case.sheet, missing)
    now = session.clock.now()
    case.clocks = clocks.begun(
        case.clocks,
        clock=clocks.SUPPLEMENT,
        term=case.sheet["supplement"],
        side=clocks.of_applicant(case.home_id),
        now=now,
    )
    count_anew(session, case)
    case.supplement = {"missing": [*missing], "asked_at": instant(now), "reason_digest": reason.digest}
    case.reason_digest = reason.digest
    session.publish(case, CaseReturned(missing=tuple(missing), reason=reason, answer_by=case.due_on))
    return case


@command("requests.case.forward", Case)
def forward_case(session: Session, key: UUID, *, to: UUID, reason: FreeText, kind: str) -> Case:
    """It is not this body's to decide: name the right one (行政许可法 art. 32). No day of the term is lost."""
    case = moved(session, key, action="forward")
    # First, for whoever forwards it hears no more of it afterwards.
    count_refusal(session, case, by=session.context.party, kind=FORWARDED, ground=kind)
    _hand_over(session, case, to=to, reason=reason, kind=kind)
    session.publish(case, CaseForwarded(to=to, reason=reason, kind=kind, **told_again(session, case)))
    return case


@command("requests.case.assign", Case)
def assign_case(session: Session, key: UUID, *, to: UUID, reason: FreeText) -> Case:
    """The coordinator decides who handles it, and that is final."""
    case = moved(session, key, action="assign")
    case.is_final = True
    _hand_over(session, case, to=to, reason=reason)
    session.publish(case, CaseAssigned(to=to, reason=reason, **told_again(session, case)))
    return case


def _hand_over(session: Session, case: Case, *, to: UUID, reason: FreeText, kind: str | None = None) -> None:
    session.directory.check_active(session, {"/to": to})
    if to == case.handler and not case.is_final:
        zh, en = "请填写另一个辖区,不能转给自己。", "Name another jurisdiction, not your own."
        raise InvalidError("forward_to_self", zh, en, [Fault("/to", zh, en)])
    now, by = session.clock.now(), session.context.party
    made = {"by": str(by), "to": str(to), "at": instant(now), "reason_digest": reason.digest, "kind": kind}
    case.forwards, case.handler, case.reason_digest = [*case.forwards, made], to, reason.digest
    set_all(case, dates.NONE)
    case.clocks = clocks.turned(case.clocks, owner=str(to), now=now, calendar=str(to))
    case.party_ids = _parties(case)
    count_anew(session, case)


def _parties(case: Case) -> list[UUID]:
    """Home and handler; the coordinator as well, once it may have to decide."""
    disputed = case.coordinator is not None and len(case.forwards) > 1
    return sorted({case.home_id, case.handler, *([case.coordinator] if disputed and case.coordinator else [])})


@command("requests.case.accept", Case)
def accept_case(session: Session, key: UUID) -> Case:
    """The papers are whole: the term for the answer runs."""
    case = moved(session, key, action="accept")
    return _accepted(session, case, by_silence=False)


def _accepted(session: Session, case: Case, *, by_silence: bool) -> Case:
    now = session.clock.now()
    case.accepted_in_term = not by_silence and not is_over(session, last_day(session, case))
    # By silence it is accepted on the day of receipt (行政许可法 art. 32), so the term runs since then.
    case.accepted_at = read_moment(case.clocks[-1]["turns"][0]["since"]) if by_silence else now
    term = case.sheet["answer"]
    begun = clocks.begun(
        clocks.stopped(case.clocks, now=now),
        clock=clocks.ANSWER,
        term=term,
        side=clocks.of_handler(case.handler),
        now=case.accepted_at,
    )
    case.clocks = begun
    count_anew(session, case)
    session.publish(case, CaseAccepted(by_silence=by_silence))
    return case


@command("requests.case.pause", Case)
def pause_case(session: Session, key: UUID, *, ground: str, owner: str, reason: FreeText) -> Case:
    """Days of a hearing, test or review are not counted, and the applicant is told in writing (行政许可法 art. 45)."""
    case = moved(session, key, action="pause")
    who = clocks.APPLICANT if owner == clocks.APPLICANT else str(case.handler)
    case.clocks = clocks.turned(case.clocks, owner=who, ground=ground, now=session.clock.now())
    case.reason_digest = reason.digest
    count_anew(session, case)
    session.publish(case, CasePaused(ground=ground, owner=owner, reason=reason))
    return case


@command("requests.case.resume", Case)
def resume_case(session: Session, key: UUID) -> Case:
    """The term goes on."""
    case = moved(session, key, action="resume")
    owner = owner_of_days(case.parts, handler=case.handler)
    case.clocks = clocks.turned(case.clocks, owner=owner, now=session.clock.now())
    count_anew(session, case)
    session.publish(case, CaseResumed())
    return case


@command("requests.case.extend", Case)
def extend_case(session: Session, key: UUID, *, days: int, reason: FreeText) -> Case:
    """Once, by as many days as the sheet allows, approved by the body's head and told with its reason (art. 42)."""
    case = moved(session, key, action="extend")
    *before, last = case.clocks
    check_extension(case.sheet, days=days, extra=last["extra"])
    case.clocks = [*before, {**last, "extra": days}]
    case.reason_digest = reason.digest
    count_anew(session, case)
    session.publish(case, CaseExtended(days=days, reason=reason))
    return case


@command("requests.case.decide", Case)
def decide_case(session: Session, key: UUID, *, outcome: str, reason: FreeText, **law: str | None) -> Case:
    """Approve it, or refuse it with its legal `ground` and the `remedy` against it (行政许可法 art. 38)."""
    if outcome == "refused" and not all(law.values()):
        faults = [Fault(f"/{name}", *REFUSAL_NEEDS[name]) for name, value in law.items() if not value]
        raise InvalidError(
            "refusal_without_ground",
            "不予许可须说明法律依据,并告知救济途径(行政许可法第三十八条)。",
            "A refusal names its legal ground, and what the applicant can do against it (licensing law, article 38).",
            faults,
        )
    case = moved(session, key, action="decide")
    _decided(session, case, outcome=outcome, reason=reason, **law, by_silence=False)
    if outcome == "refused":
        count_refusal(session, case, by=case.handler, kind=DECIDED, ground=law["ground"] or "")
    return case


def _decided(session: Session, case: Case, *, outcome: str, reason: FreeText, **named: Any) -> Case:
    now = session.clock.now()
    case.decided_at, case.reason_digest = now, reason.digest
    case.parts = lapsed(case.parts)
    case.answered_in_term = not is_over(session, last_day(session, case))
    if case.agreed_on is not None:
        case.agreed_kept = dates.kept(case.agreed_on, decided_on=day_of(now))
    case.own_days = days_of(session, case, owner=str(case.handler))
    case.decision = {
        "outcome": outcome, **named, "decided_at": instant(now), "reason_digest": reason.digest,
    }  # fmt: skip
    case.clocks = clocks.begun(
        case.clocks,
        clock=clocks.DELIVERY,
        term=case.sheet["delivery"],
        side=clocks.of_handler(case.handler),
        now=now,
    )
    count_anew(session, case)
    session.publish(case, CaseDecided(outcome=outcome, reason=reason, by_silence=named["by_silence"]))
    return case


@command("requests.case.deliver", Case)
def deliver_case(session: Session, key: UUID) -> Case:
    """The applicant has the decision (art. 44); it confirms, or the term for that passes."""
    case = moved(session, key, action="deliver")
    case.clocks = clocks.begun(
        case.clocks,
        clock=clocks.CONFIRMATION,
        term=clocks.CONFIRMED_WITHIN,
        side=clocks.of_applicant(case.home_id),
        now=session.clock.now(),
    )
    count_anew(session, case)
    session.publish(case, CaseDelivered())
    return case


@timer(DUE)
def end_term(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """A term is over: what follows from silence where the law or the item says so, else that it is overdue."""
    case = session.locked(Case, key)
    due = last_day(session, case)
    if due is None or not is_over(session, due):
        # The calendar has changed since the timer was set.
        follow_calendar(session, key, {})
    elif case.state == "filed" and case.sheet["acceptance"]["silence"] == "accepted":
        CASE_LIFECYCLE.move(case, "accept")
        _accepted(session, case, by_silence=True)
    elif case.state == "returned":
        CASE_LIFECYCLE.move(case, "withdraw")
        end_case(session, case, change=CaseWithdrawn(by_silence=True))
    elif case.state == "accepted" and case.sheet["answer"]["silence"] != "none":
        CASE_LIFECYCLE.move(case, "decide")
        named = {"ground": case.sheet["basis"], "remedy": None, "by_silence": True}
        _decided(session, case, outcome="approved", reason=FreeText(BY_SILENCE), **named)
    elif case.state == "delivered":
        CASE_LIFECYCLE.move(case, "close")
        end_case(session, case, change=CaseClosed(by_term=True))
    elif not case.is_overdue:
        case.is_overdue, last = True, case.clocks[-1]
        owner = last["turns"][-1]["owner"]
        session.publish(case, CaseOverdue(clock=last["clock"], due_on=due.day, owner=owner))
