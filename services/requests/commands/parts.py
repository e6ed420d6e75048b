"""Writes of a case's parts: split by its handler, done or handed back by those who have them, given to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from events.canonical import instant, plain
from events.requests import CaseMerged, CasePartFinished, CasePartHandedBack, CasePartReaddressed, CaseSplit
from events.text import FreeText
from services.requests.commands.counting import count_anew
from services.requests.commands.moving import moved, told_again
from services.requests.domain import clocks
from services.requests.domain import parts as rules
from services.requests.models import Case
from shared.commands.registry import command
from shared.core.calendar import day_of
from shared.evidence.texts import again
from shared.files.citing import check_cited
from shared.journal.session import Session


@command("requests.case.split", Case)
def split_case(session: Session, key: UUID, *, parts: Sequence[Mapping[str, Any]]) -> Case:
    """Give parts of it to several authorities, each told its task; the handler may keep some itself."""
    case = moved(session, key, action="split")
    now = session.clock.now()
    session.directory.check_active(session, {f"/parts/{index}/to": one["to"] for index, one in enumerate(parts)})
    rules.check_split(case.parts, parts, lead=case.handler)
    due = {f"/parts/{index}/due_on": one["due_on"] for index, one in enumerate(parts)}
    rules.check_due(due, today=day_of(now), last=case.due_on)
    new = [
        {"part": number, "to": one["to"], "task_digest": one["task"].digest, "asked_at": now, "due_on": one["due_on"]}
        for number, one in enumerate(parts, len(case.parts) + 1)
    ]
    case.parts = [*case.parts, *({**plain(one), **rules.FRESH} for one in new)]
    _follow(session, case)
    to, tasks = (tuple(one[name] for one in parts) for name in ("to", "task"))
    session.publish(case, CaseSplit(to=to, tasks=tasks, **told_again(session, case)))
    return case


@command("requests.case.finish_part", Case)
def finish_part(
    session: Session, key: UUID, *, part: int, result: FreeText, attachments: Sequence[Mapping[str, Any]]
) -> Case:
    """Say what came of one's own part; with the last one the case is whole again, and its handler's to decide."""
    case = moved(session, key, action="finish_part")
    rules.found_own(case.parts, part, by=session.context.party)
    check_cited(session, attachments, pointer="/attachments")
    done_at = instant(session.clock.now())
    case.parts = rules.changed(case.parts, part, state=rules.DONE, result_digest=result.digest, done_at=done_at)
    case.part_files = [*case.part_files, *({**one, "part": part} for one in plain(attachments))]
    _follow(session, case)
    change = CasePartFinished if rules.unfinished(case.parts) else CaseMerged
    session.publish(case, change(part=part, result=result))
    return case


@command("requests.case.hand_back_part", Case)
def hand_back_part(session: Session, key: UUID, *, part: int, reason: FreeText) -> Case:
    """It is not this authority's to do: the handler gives it to the right one."""
    case = moved(session, key, action="hand_back_part")
    found = rules.found_own(case.parts, part, by=session.context.party)
    moves = _moved(session, found, to=case.handler, reason=reason)
    case.parts = rules.changed(case.parts, part, state=rules.HANDED_BACK, moves=moves)
    case.reason_digest = reason.digest
    _follow(session, case)
    session.publish(case, CasePartHandedBack(part=part, reason=reason))
    return case


@command("requests.case.readdress_part", Case)
def readdress_part(session: Session, key: UUID, *, part: int, reason: FreeText, **given: Any) -> Case:
    """Give a part that was handed back, or is not done, to another authority; whoever had it sees no more of the case.

    So a part waits for nobody who is silent, or has left the platform. `given` are `to` and `due_on`.
    """
    case, to = moved(session, key, action="readdress_part"), given["to"]
    session.directory.check_active(session, {"/to": to})
    found, now = rules.found(case.parts, part), session.clock.now()
    rules.check_readdressed(found, to=to, lead=case.handler)
    rules.check_due({"/due_on": given["due_on"]}, today=day_of(now), last=case.due_on)
    moves = _moved(session, found, to=to, reason=reason)
    case.parts = rules.changed(case.parts, part, state=rules.OPEN, moves=moves, **plain({**given, "asked_at": now}))
    case.reason_digest = reason.digest
    _follow(session, case)
    task = again(session, case.id, digest=found["task_digest"])
    told = told_again(session, case)
    session.publish(case, CasePartReaddressed(part=part, to=to, reason=reason, task=task, **told))
    return case


def _moved(session: Session, part: Mapping[str, Any], *, to: UUID, reason: FreeText) -> list[dict[str, Any]]:
    who = {"by": session.context.party, "had": part["to"], "to": to}
    return [*part["moves"], plain({**who, "at": session.clock.now(), "reason_digest": reason.digest})]


def _follow(session: Session, case: Case) -> None:
    """Who has a part, or has done one, is a party, and who lost it is none; a day is of whoever the case waits for."""
    had = {UUID(one["had"]) for part in case.parts for one in part["moves"]}
    have = {UUID(part["to"]) for part in case.parts}
    stay = {case.home_id, case.handler, *have} | ({case.coordinator} if case.coordinator else set())
    case.party_ids = sorted({*case.party_ids, *have} - (had - stay))
    owner = rules.owner_of_days(case.parts, handler=case.handler)
    last = case.clocks[-1]["turns"][-1]
    if last["ground"] is None and last["owner"] != owner:
        case.clocks = clocks.turned(case.clocks, owner=owner, now=session.clock.now())
    count_anew(session, case)
