"""What a case waits for, and for whom: the work lists follow, at home and at every party."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.requests.domain.cases import MOST_FORWARDS
from services.requests.domain.clocks import ground_of
from services.requests.domain.parts import HANDED_BACK, OPEN, parts_of, unfinished
from services.requests.domain.scopes import DECIDE, FILE, WRITE
from shared.core.calendar import end_of, read_day, read_moment
from shared.rules.duties import Duty, Wait

FILING = Duty("file", "填写并提交申请", "Fill in and file the application", FILE)
SUPPLEMENT = Duty("supplement", "补正材料", "Supply the papers asked for", FILE)
ACCEPT = Duty("accept", "受理或一次告知补正", "Accept, or ask for papers", WRITE)
ASSIGN = Duty("assign", "确定承办方", "Decide who handles it", DECIDE)
DECISION = Duty("decide", "作出决定", "Decide on the case", DECIDE)
DELIVER = Duty("deliver", "送达", "Deliver the decision", WRITE)
RESUME = Duty("resume", "恢复计时", "Let the clock go on", WRITE)
CONFIRM = Duty("close", "确认办结", "Confirm that it is done", FILE)
PART = Duty("finish_part", "完成分办事项", "Do a part of the case", WRITE)
PART_BACK = Duty("readdress_part", "改派退回的分办事项", "Give a part that was handed back to another", WRITE)
AGREEMENT = Duty("agree_date", "答复提出的日期", "Answer the date that is proposed", FILE)
DUTIES = (FILING, SUPPLEMENT, ACCEPT, ASSIGN, RESUME, PART, PART_BACK, DECISION, DELIVER, CONFIRM, AGREEMENT)
DUTY_IN: Mapping[str, Duty] = {
    "draft": FILING, "returned": SUPPLEMENT, "filed": ACCEPT, "accepted": DECISION, "decided": DELIVER,
    "delivered": CONFIRM,
}  # fmt: skip
"""What a case waits for in each state, where nothing else comes first."""


def waits_of(case: Any) -> list[Wait]:
    """Of the row of a case, as the tenant has it whose row it is."""
    waits = _parts_waits(case) if case.state == "accepted" else []
    duty = _duty(case, is_whole=not waits)
    if duty is not None:
        to = {FILE: case.home_id, DECIDE: case.handler, WRITE: case.handler}[duty.scope]
        waits.append(_wait(case, duty, to=[case.coordinator if duty is ASSIGN else to]))
    if case.proposal is not None and case.state in ("filed", "accepted"):
        from_applicant = case.proposal["by"] == "applicant"
        wait = _wait(case, AGREEMENT, to=[case.handler if from_applicant else case.home_id])
        waits.append(replace(wait, by_organisation=wait.by_organisation and not from_applicant))
    return waits


def _duty(case: Any, *, is_whole: bool) -> Duty | None:
    is_disputed = len(case.forwards) >= MOST_FORWARDS and not case.is_final
    if case.state == "filed" and is_disputed and case.coordinator is not None:
        return ASSIGN
    if case.state == "accepted" and ground_of(case.clocks) is not None:
        return RESUME
    return DUTY_IN.get(case.state) if is_whole else None


def _parts_waits(case: Any) -> list[Wait]:
    """Nobody decides while a part is not done: it waits for each that has one, and for the lead to place the others.

    A tenant is told since when and until when it has its own; who has none, of the first.
    """
    left = unfinished(case.parts)
    waits = []
    if any(one["state"] == HANDED_BACK for one in left):
        waits.append(_wait(case, PART_BACK, to=[case.handler]))
    given = [one for one in left if one["state"] == OPEN]
    if given:
        told = parts_of(given, case.tenant_id) or given
        since = min(read_moment(one["asked_at"]) for one in told)
        days = [read_day(one["due_on"]) for one in told if one["due_on"] is not None]
        due = end_of(min(days)) if days else None
        waits.append(_wait(case, PART, to=[UUID(one["to"]) for one in given], since=since, due=due))
    return waits


def _wait(case: Any, duty: Duty, *, to: list[UUID], since: datetime | None = None, due: datetime | None = None) -> Wait:
    last = None if case.due_on is None else end_of(case.due_on)
    return Wait(
        duty=duty,
        parties=to,
        since=since or case.updated_at,
        due=due or last,
        organisation=case.organisation_id,
        by_organisation=duty.scope == FILE and case.organisation_id is not None,
    )
