"""Writes of cases by whoever files them: drafted, revised, filed, supplemented, withdrawn, closed, reopened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.canonical import plain
from events.requests import (
    CaseClosed,
    CaseDrafted,
    CaseFiled,
    CaseReopened,
    CaseRevised,
    CaseSupplemented,
    CaseWithdrawn,
)
from events.text import FreeText
from services.requests.commands.answering import answered_by
from services.requests.commands.counting import count_anew
from services.requests.commands.moving import moved, set_all, told_again
from services.requests.commands.numbering import next_number
from services.requests.commands.places import placed
from services.requests.domain import clocks, dates
from services.requests.domain.applications import check_application
from services.requests.domain.cases import CASE_LIFECYCLE
from services.requests.domain.parts import lapsed
from services.requests.models import Case, ItemRow
from shared.commands.registry import command
from shared.core.errors import ConflictError, NotFoundError, RefusedError
from shared.evidence.texts import texts
from shared.files.citing import check_cited
from shared.journal.session import Session

REOPENED_WITHIN = timedelta(days=30)
"""After it was closed; our own rule, for no law sets one."""
COPIED = ("code", "national_code", "name_zh", "name_en", "category", "mode", "provider", "edition")
"""What a case keeps of its item."""
NOTHING_YET: Mapping[str, Any] = {**dates.NONE, **dict.fromkeys((
    "number", "supplement", "due_on", "decision", "filed_at", "accepted_at", "decided_at", "ended_at", "reason_digest",
    "accepted_in_term", "answered_in_term", "own_days", "agreed_kept",
))}  # fmt: skip
"""What of a case is known only later."""


def draft_case(session: Session, *, item: UUID, organisation: UUID | None, park: UUID | None, **filled: Any) -> Case:
    """An application for an open item, by an organisation's own people or by a clerk for them; nobody else sees it.

    `filled` are applicant, answers and materials.
    """
    own, row = _applying(session, organisation), _open_item(session, item)
    offered = {
        "item_id": row.id, "item": {name: row.state[name] for name in COPIED}, "sheet": row.state["sheet"],
        "handler": row.tenant, "coordinator": row.state["coordinator"] and UUID(row.state["coordinator"]),
        "matter": None,
    }  # fmt: skip
    return begin_case(session, offered, organisation=own, park=park, filled=filled)


def begin_case(
    session: Session,
    offered: Mapping[str, Any],
    *,
    organisation: UUID | None,
    park: UUID | None,
    filled: Mapping[str, Any],
) -> Case:
    """A case that is not filed yet, about what is `offered`."""
    check_cited(session, filled["materials"], pointer="/materials")
    kept, applicant = _kept(filled["answers"]), filled["applicant"]
    case = session.create(
        Case,
        parties=[session.context.tenant_id],
        organisation_id=organisation,
        state=CASE_LIFECYCLE.initial,
        answers_digest=kept.digest,
        applicant_digest=applicant.digest,
        materials=plain(filled["materials"]),
        forwards=[],
        parts=[],
        part_files=[],
        is_final=False,
        clocks=[],
        due_is_provisional=False,
        is_overdue=False,
        reopened=0,
        ratings=[],
        **offered,
        **placed(session, organisation=organisation, park=park),
        **NOTHING_YET,
    )
    session.publish(case, CaseDrafted(item=case.item_id, applicant=applicant, answers=kept))
    return case


def _applying(session: Session, organisation: UUID | None) -> UUID:
    """The organisation that asks; raises `RefusedError` where it is nobody's, or another one's."""
    own = session.context.organisation_id or organisation
    if own is None or organisation not in (None, own):
        raise RefusedError(
            "organisation_only",
            "申请须属于一个机构。机构人员只能为本机构申请,窗口人员须选择机构。",
            "An application is an organisation's: its people file for it alone, and a clerk chooses for whom.",
        )
    return own


@command("requests.case.revise", Case)
def revise_case(session: Session, key: UUID, **changes: Any) -> Case:
    """Change the application before it is filed; answers and materials as a whole."""
    case = moved(session, key, action="revise")
    told = _fill(session, case, changes=changes)
    session.publish(case, CaseRevised(fields=tuple(sorted(changes)), **told))
    return case


@command("requests.case.file", Case)
def file_case(session: Session, key: UUID) -> Case:
    """Give it its number, and hand it to whoever offers the item; raises `InvalidError` that names all that is missing.

    The item counts as it is now: a sheet that changed since the draft asks for what it asks for now. So does the duty
    table of a park, by which a matter is answered.
    """
    case = moved(session, key, action="file")
    now = session.clock.now()
    if case.matter is not None and case.park_id is not None:
        offered = answered_by(session, park=case.park_id, kind=case.matter["kind"])
    else:
        row = _open_item(session, case.item_id)
        coordinator = row.state["coordinator"] and UUID(row.state["coordinator"])
        offered = {
            "item": {name: row.state[name] for name in COPIED}, "sheet": row.state["sheet"], "coordinator": coordinator,
        }  # fmt: skip
    session.directory.check_active(session, {"/item": offered.get("handler", case.handler)})
    set_all(case, {**offered, **placed(session, organisation=case.organisation_id, park=case.park_id)})
    _check_complete(session, case)
    case.filed_at, case.number = now, next_number(session)
    _wait_for_acceptance(session, case, now=now)
    session.publish(case, CaseFiled(number=case.number, handler=case.handler, **told_again(session, case)))
    return case


@command("requests.case.supplement", Case)
def supplement_case(session: Session, key: UUID, **changes: Any) -> Case:
    """Give all that was asked for; the term for acceptance begins anew on the completed papers."""
    case = moved(session, key, action="supplement")
    told = _fill(session, case, changes=changes)
    _check_complete(session, case, given=told.get("answers"))
    _wait_for_acceptance(session, case, now=session.clock.now())
    session.publish(case, CaseSupplemented(**told))
    return case


@command("requests.case.withdraw", Case)
def withdraw_case(session: Session, key: UUID) -> Case:
    """The applicant wants it no more."""
    return end_case(session, moved(session, key, action="withdraw"), change=CaseWithdrawn(by_silence=False))


@command("requests.case.close", Case)
def close_case(session: Session, key: UUID) -> Case:
    """The applicant has what was decided, and is content."""
    return end_case(session, moved(session, key, action="close"), change=CaseClosed(by_term=False))


def end_case(session: Session, case: Case, *, change: CaseWithdrawn | CaseClosed) -> Case:
    """No clock runs any more, and nobody does what is left of its parts."""
    now = session.clock.now()
    case.parts = lapsed(case.parts)
    case.ended_at, case.clocks = now, clocks.stopped(case.clocks, now=now)
    count_anew(session, case)
    session.publish(case, change)
    return case


@command("requests.case.reopen", Case)
def reopen_case(session: Session, key: UUID, *, reason: FreeText) -> Case:
    """The applicant is not content: it is handled a second time, within a term of its own."""
    case = moved(session, key, action="reopen")
    now = session.clock.now()
    if case.reopened or (case.ended_at is not None and now > case.ended_at + REOPENED_WITHIN):
        raise ConflictError(
            "reopening_over",
            f"只能在办结后 {REOPENED_WITHIN.days} 日内重新办理一次。如仍有异议,可按决定书载明的途径寻求救济。",
            f"A case is reopened once, within {REOPENED_WITHIN.days} days. The decision names what else can be done.",
        )
    case.reopened, case.ended_at, case.reason_digest = 1, None, reason.digest
    set_all(case, dates.NONE)
    case.clocks = clocks.begun(
        case.clocks, clock=clocks.ANSWER, term=case.sheet["answer"], side=clocks.of_handler(case.handler), now=now
    )
    count_anew(session, case)
    session.publish(case, CaseReopened(reason=reason))
    return case


def _open_item(session: Session, key: UUID) -> ItemRow:
    row = session.get(ItemRow, key)
    if row is None:
        raise NotFoundError.of("服务事项 / service item", key)
    if row.status != "in_force":
        raise ConflictError("item_not_open", "该事项现不受理申请。", "This item cannot be asked for now.")
    return row


def _kept(answers: Sequence[Mapping[str, Any]]) -> FreeText:
    """Answers may tell of people, so they are signed as a salted hash, all together."""
    return FreeText(json.dumps(plain(answers), ensure_ascii=False, sort_keys=True))


def _fill(session: Session, case: Case, *, changes: Mapping[str, Any]) -> dict[str, FreeText]:
    """Write what is given; returns the texts that the event carries."""
    told = dict[str, FreeText]()
    if "materials" in changes:
        check_cited(session, changes["materials"], pointer="/materials", before=case.materials)
        case.materials = plain(changes["materials"])
    if "answers" in changes:
        told["answers"] = _kept(changes["answers"])
        case.answers_digest = told["answers"].digest
    if "applicant" in changes:
        told["applicant"] = changes["applicant"]
        case.applicant_digest = told["applicant"].digest
    session.flush()
    return told


def _check_complete(session: Session, case: Case, *, given: FreeText | None = None) -> None:
    """As the answers are now, or `given` in this very change."""
    kept = texts(session, [(case.id, case.answers_digest)]).get((case.id, case.answers_digest or ""), "[]")
    answers = json.loads(kept if given is None else given.text)
    check_application(case.sheet, answers, materials=case.materials)


def _wait_for_acceptance(session: Session, case: Case, *, now: datetime) -> None:
    handler = case.handler
    # A coordinator that came to decide who handles it stays.
    case.party_ids = sorted({*case.party_ids, handler})
    case.clocks = clocks.begun(
        case.clocks, clock=clocks.ACCEPTANCE, term=case.sheet["acceptance"], side=clocks.of_handler(handler), now=now
    )
    count_anew(session, case)
