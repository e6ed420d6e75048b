"""Who has to agree to a recognition, when it begins and ends, and what a person of a party may do to it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from events.canonical import Json, instant
from services.standards.domain import objections as objecting
from services.standards.domain.lifecycles import RECOGNITION_LIFECYCLE
from shared.core.calendar import end_of, read_day, read_moment, start_of
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError
from shared.countersigned import signing
from shared.rules.periods import Period, first_start, state_at, with_period, without, without_last

BY_PERSONS = frozenset({
    "agree", "propose_edition", "object", "answer", "suspend", "resume", "end", "restore",
})  # fmt: skip
MOST_CHANGES = 90
"""So that periods stay within their own bound, also with every objection lapsing and being overcome."""
End = Mapping[str, Json]
"""`{"by": tenant, "at": instant}`: a party's own decision; each party has at most one."""


class RecognitionState(Protocol):
    """What the rules need of a recognition: columns of its row, and who has to agree."""

    state: str
    spells: list[dict[str, Any]]
    pending: dict[str, Any] | None
    ends_on: date | None
    ends: list[dict[str, Any]]
    suspended_by: UUID | None
    objections: list[dict[str, Any]]

    @property
    def signers(self) -> Sequence[UUID]:
        """Who has to agree."""


def allowed_actions(row: RecognitionState, tenant: UUID) -> tuple[str, ...]:
    """What a person of this party may do now, sorted."""
    possible = set(RECOGNITION_LIFECYCLE.actions(row.state)) & BY_PERSONS
    waiting = objecting.open_ones(row.objections)
    agrees = row.pending is not None and str(tenant) in missing(row) and not waiting
    needs = {
        "agree": agrees,
        "object": len(row.objections) < objecting.MOST,
        "answer": any(one["by"] != str(tenant) for one in waiting),
        "resume": row.suspended_by == tenant,
        "restore": can_restore(row, tenant),
    }
    return tuple(sorted(action for action in possible if needs.get(action, True)))


def missing(row: RecognitionState) -> list[str]:
    """Who has still to agree to what is on the table, in their order; none where nothing is."""
    if row.pending is None:
        return []
    agreed = {signature["tenant"] for signature in row.pending["signatures"]}
    return [str(one) for one in row.signers if str(one) not in agreed]


def agreed_by(row: RecognitionState, signature: Mapping[str, Json]) -> dict[str, Json]:
    """What is on the table with this signature; raises `ConflictError` or `RefusedError`."""
    if row.pending is None:
        raise ConflictError(
            "nothing_pending",
            "没有待同意的清单。请先提出新版清单。",
            "There is nothing on the table to agree to. Propose a new edition first.",
        )
    if UUID(signature["tenant"]) not in row.signers:
        raise RefusedError(
            "recogniser_only",
            "单向互认只需承认方同意,贵方无需同意。",
            "A one-sided recognition needs the agreement of the side that recognises, not yours.",
        )
    if signature["tenant"] not in missing(row):
        raise ConflictError(
            "already_agreed",
            "贵方已同意,无需重复。请等待对方同意。",
            "You have agreed already. There is nothing to do but wait for the other side.",
        )
    signing.check_content(signature["content_hash"], row.pending["content_hash"])
    return {**row.pending, "signatures": [*row.pending["signatures"], signature]}


def beginning(pending: Mapping[str, Json], *, now: datetime, ends: Sequence[End]) -> datetime:
    """When the list on the table begins to count if it is agreed now; raises `ConflictError` if it has ended then."""
    starts_on, ends_on = pending["starts_on"], pending["ends_on"]
    since = now if starts_on is None else max(now, start_of(read_day(starts_on)))
    end = effective_end(None if ends_on is None else read_day(ends_on), ends)
    if end is not None and end <= since:
        raise ConflictError(
            "begins_after_end",
            f"该清单将于 {instant(since)} 生效,但互认至 {instant(end)} 已终止。请改提新的期限,或先撤销终止决定。",
            f"The list would begin at {instant(since)}, when the recognition has ended ({instant(end)}). "
            "Propose it with another period, or take the decision to end back first.",
        )
    return since


def without_end(periods: Sequence[Period]) -> list[dict[str, Json]]:
    """The periods as if there were no end: it is set anew whenever anything changes."""
    return without(periods, "ended")


def concluded(periods: Sequence[Period], *, now: datetime, since: datetime) -> list[dict[str, Json]]:
    """The periods of a proposal to which all agreed `now`, so that it is in force `since` then or later."""
    agreed = with_period(without_end(periods), "agreed", since=now) if since > now else without_end(periods)
    return with_period(agreed, "in_force", since=since)


def closed(periods: Sequence[Period], end: datetime | None) -> list[dict[str, Json]]:
    """The periods with this end and no other."""
    kept = without_end(periods)
    return kept if end is None else with_period(kept, "ended", since=end)


def effective_end(ends_on: date | None, ends: Sequence[End]) -> datetime | None:
    """The moment it ends: after the last day as agreed, or earlier where a party decided so."""
    moments = [read_moment(one["at"]) for one in ends]
    return min([*moments, *([end_of(ends_on)] if ends_on else [])], default=None)


def ended(row: RecognitionState, *, by: UUID, on: date | None, now: datetime) -> list[dict[str, Json]]:
    """The decisions to end with this one, after the day `on` or now.

    Raises `ConflictError` where it ends earlier anyway, `InvalidError` for a day where there is but a proposal.
    """
    others = [dict(one) for one in row.ends if one["by"] != str(by)]
    earlier, at = effective_end(row.ends_on, others), now if on is None else end_of(on)
    if earlier is not None and earlier <= at:
        raise ConflictError(
            "ends_already",
            f"该互认已定于 {instant(earlier)} 终止,不晚于所请求的时间。",
            f"This ends at {instant(earlier)} anyway, no later than what you ask for.",
        )
    if on is not None and first_start(without_end(row.spells), "in_force") is None:
        fault = Fault("/on", "提议只能立即终止", "is not for a proposal, which ends at once")
        raise InvalidError(
            "only_proposed",
            "互认尚未同意。请不填日期,立即终止提议。",
            "This is but a proposal. Leave `on` out to end it now.",
            [fault],
        )
    return [*others, {"by": str(by), "at": instant(at)}]


@dataclass(frozen=True)
class Correction:
    """What is left once a tenant's own mistake is taken out; `state` is what then holds now."""

    state: str
    spells: list[dict[str, Json]]
    ends: list[dict[str, Json]]
    suspended_by: UUID | None


def can_restore(row: RecognitionState, tenant: UUID) -> bool:
    """Whether this tenant itself ended or suspended what had been agreed."""
    own = any(one["by"] == str(tenant) for one in row.ends) or row.suspended_by == tenant
    return own and first_start(without_end(row.spells), "in_force") is not None


def corrected(row: RecognitionState, tenant: UUID, *, now: datetime) -> Correction:
    """As if this tenant had not ended it, or, where it has not, not suspended it; raises `ConflictError`."""
    if not can_restore(row, tenant):
        raise ConflictError(
            "nothing_to_restore",
            "贵方没有暂停或终止已生效的互认,无可更正。更正由作出决定的一方提出;未生效的请重新提出。",
            "You neither suspended nor ended this while it was in force, so there is nothing for you to correct. "
            "Who decided corrects; what never was in force is proposed anew.",
        )
    ends = [dict(one) for one in row.ends if one["by"] != str(tenant)]
    ended_itself, kept = len(ends) < len(row.ends), without_end(row.spells)
    periods = closed(kept if ended_itself else without_last(kept), effective_end(row.ends_on, ends))
    return Correction(str(state_at(periods, now)), periods, ends, row.suspended_by if ended_itself else None)


def check_room(periods: Sequence[Period]) -> None:
    """What is suspended can always be resumed and ended; raises `ConflictError`."""
    if len(periods) >= MOST_CHANGES:
        raise ConflictError(
            "too_many_changes",
            f"状态变更已达 {MOST_CHANGES} 次上限,不能再暂停。请终止后另行提出互认。",
            f"This has changed its state {MOST_CHANGES} times and cannot be suspended again. End it and propose anew.",
        )


def check_resume(suspended_by: UUID | None, tenant: UUID) -> None:
    """Who suspended resumes; raises `RefusedError`."""
    if suspended_by != tenant:
        raise RefusedError(
            "suspender_only",
            "互认由对方暂停,只能由对方恢复。请与对方协商。",
            "The other side suspended this, so only it can resume it. Come to terms with it first.",
        )


def check_period(starts_on: date | None, ends_on: date | None, *, today: date) -> None:
    """It begins today or later and ends on a day of its own; raises `InvalidError`."""
    faults = []
    if starts_on is not None and starts_on < today:
        faults.append(Fault("/starts_on", f"不能早于今日 {today}", f"must not be before today, {today}"))
    first = max(starts_on or today, today)
    if ends_on is not None and ends_on < first:
        faults.append(Fault("/ends_on", f"不能早于 {first}", f"must not be before {first}"))
    if faults:
        raise InvalidError(
            "period_invalid",
            "互认期限有误。请更正日期后再提交。",
            "The period is not possible. Correct the dates and send it again.",
            faults,
        )


def check_last_day(on: date | None, *, today: date) -> None:
    """Nothing ends in the past; raises `InvalidError`."""
    if on is not None and on < today:
        fault = Fault("/on", f"不能早于今日 {today}", f"must not be before today, {today}")
        raise InvalidError(
            "period_invalid", "终止日有误。请更正。", "The last day is in the past. Correct it.", [fault]
        )
