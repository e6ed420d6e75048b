"""Objections to a recognition: one side objects with a reason, the other answers within a term."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from events.canonical import Json
from shared.core.calendar import read_day
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError

TERM_DAYS = 15
"""Made up: the sources name no term. Whoever objects may set another one within the bounds below."""
SHORTEST_TERM, LONGEST_TERM = 5, 60
MOST = 25
"""Of each side, so that one cannot use up the other's."""
STATES = ("open", "closed", "lapsed")
"""Waiting for its answer, answered, or left unanswered until its term was over."""

Objection = Mapping[str, Json]
"""`{"objection": number from 1, "by": tenant, "digest", "answer_digest": or None, "answer_by": day, "state"}`."""


def open_ones(objections: Sequence[Objection]) -> list[Objection]:
    """Those that wait for their answer."""
    return [one for one in objections if one["state"] == "open"]


def raised(objections: Sequence[Objection], *, by: UUID, digest: str, answer_by: date) -> list[dict[str, Json]]:
    """With one more, which is the last; raises `ConflictError`."""
    if len([one for one in objections if one["by"] == str(by)]) >= MOST:
        raise ConflictError(
            "too_many_objections",
            f"贵方的异议已达 {MOST} 次上限。请改为暂停或终止互认。",
            f"You have objected {MOST} times, the most there may be. Suspend or end the recognition instead.",
        )
    made = {
        "objection": len(objections) + 1,
        "by": str(by),
        "digest": digest,
        "answer_digest": None,
        "answer_by": answer_by.isoformat(),
        "state": "open",
    }
    return [*map(dict, objections), made]


def answered(objections: Sequence[Objection], number: int, *, by: UUID, digest: str) -> list[dict[str, Json]]:
    """With this one answered; raises `InvalidError` for an unknown one, `RefusedError` for who objected itself."""
    found = next((one for one in objections if one["objection"] == number), None)
    if found is None:
        fault = Fault("/objection", f"没有第 {number} 号异议", f"names no objection: there is none numbered {number}")
        raise InvalidError("objection_unknown", "没有该异议。", "There is no such objection.", [fault])
    if found["by"] == str(by):
        raise RefusedError(
            "not_for_objector",
            "异议由对方答复,提出方不能自行答复。",
            "The other side answers an objection, not the one that raised it.",
        )
    if found["state"] != "open":
        raise ConflictError(
            "objection_settled",
            f"第 {number} 号异议已处理({found['state']}),无需再答复。",
            f"Objection {number} is '{found['state']}' already. There is nothing to answer.",
        )
    return _with(objections, number, state="closed", answer_digest=digest)


def lapsed(objections: Sequence[Objection], number: int) -> list[dict[str, Json]]:
    """With this one left unanswered."""
    return _with(objections, number, state="lapsed")


def _with(objections: Sequence[Objection], number: int, **changes: Json) -> list[dict[str, Json]]:
    return [{**one, **changes} if one["objection"] == number else dict(one) for one in objections]


def overdue(objections: Sequence[Objection], day: date) -> Iterator[Objection]:
    """Those whose term was over before this day."""
    return (one for one in open_ones(objections) if read_day(one["answer_by"]) < day)


def next_term(objections: Sequence[Objection]) -> date | None:
    """The last day of the term that ends first, or None where nothing waits."""
    return min((read_day(one["answer_by"]) for one in open_ones(objections)), default=None)


def extended(objections: Sequence[Objection], day: date) -> list[dict[str, Json]]:
    """With a short term from this day on for those that could not be answered for a while."""
    least = (day + timedelta(days=SHORTEST_TERM)).isoformat()
    return [
        {**one, "answer_by": max(one["answer_by"], least)} if one["state"] == "open" else dict(one)
        for one in objections
    ]


def check_none_open(objections: Sequence[Objection]) -> None:
    """Nobody agrees over an objection; raises `ConflictError`."""
    waiting = open_ones(objections)
    if waiting:
        numbers = ", ".join(str(one["objection"]) for one in waiting)
        raise ConflictError(
            "objection_open",
            f"第 {numbers} 号异议尚未答复,暂不能同意。请先由对方答复。",
            f"Objection {numbers} awaits its answer, so nobody can agree yet. The other side answers first.",
        )
