"""Rules of conformity bodies: their credit code, their grants, and until when these last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from events.canonical import Json, plain
from shared.core.calendar import read_day, start_of
from shared.core.errors import ConflictError, Fault, InvalidError

MOST_GRANTS = 100
MOST_STANDARDS = 100
MOST_LIMITS = 100
"""Product classes, or methods, of one grant."""
EARLIEST = timedelta(days=30)
"""A decision on paper is entered within a month of its first day; what was never said is not true of years gone by."""

Grant = dict[str, Json]
"""As `models.Body` says."""
Drafts = Mapping[str, Mapping[str, Any]]
"""Grants as they are asked for, by where they stand in the request (JSON pointer)."""


def with_grants(grants: Sequence[Grant], drafts: Drafts, *, today: date) -> list[Grant]:
    """The grants and new ones, numbered on; raises `InvalidError` or `ConflictError`."""
    if len(grants) + len(drafts) > MOST_GRANTS:
        raise ConflictError(
            "too_many_grants",
            f"一个机构至多有 {MOST_GRANTS} 项认可。请合并认可项后重试。",
            f"A body has at most {MOST_GRANTS} grants. Put several into one.",
        )
    _check_days(drafts, today=today)
    last = max((grant["grant"] for grant in grants), default=0)
    new: list[Grant] = [
        plain({"grant": number, **draft, "valid_from": draft["valid_from"] or today})
        for number, draft in enumerate(drafts.values(), start=last + 1)
    ]
    return [*grants, *new]


def _check_days(drafts: Drafts, *, today: date) -> None:
    zh, en = f"最早可为今天之前 {EARLIEST.days} 天", f"must be at most {EARLIEST.days} days ago"
    faults = [
        Fault(f"{pointer}/valid_from", zh, en)
        for pointer, draft in drafts.items()
        if (draft["valid_from"] or today) < today - EARLIEST
    ]
    if faults:
        raise InvalidError("grant_too_early", f"认可的起始日{zh}。", f"The first day of a grant {en}.", faults)
    zh, en = "应不早于起始日和今天", "must not lie before valid_from nor before today"
    faults = [
        Fault(f"{pointer}/valid_to", zh, en)
        for pointer, draft in drafts.items()
        if draft["valid_to"] < max(draft["valid_from"] or today, today)
    ]
    if faults:
        raise InvalidError("grant_over", f"认可的截止日{zh}。", f"The last day of a grant {en}.", faults)


def reduced(grants: Sequence[Grant], number: int, *, valid_to: date, today: date) -> list[Grant]:
    """The grants with one that ends earlier, today at the earliest: what it covered until now stays covered."""
    known = next((grant for grant in grants if grant["grant"] == number), None)
    if known is None:
        zh, en = f"该机构没有第 {number} 项认可", f"this body has no grant {number}"
        raise InvalidError("grant_unknown", f"{zh},请核对。", f"There is none: {en}.", [Fault("/grant", zh, en)])
    if not today <= valid_to < read_day(known["valid_to"]):
        zh, en = f"应不早于今天,且早于 {known['valid_to']}", f"must be today or later, and before {known['valid_to']}"
        raise InvalidError("grant_end_wrong", f"新的截止日{zh}。", f"The new end {en}.", [Fault("/valid_to", zh, en)])
    return [{**grant, "valid_to": str(valid_to)} if grant is known else grant for grant in grants]


def last_day(grants: Sequence[Grant]) -> date:
    """The last day on which any grant holds."""
    return max(read_day(grant["valid_to"]) for grant in grants)


def counts_since(grants: Sequence[Grant], now: datetime) -> datetime:
    """From when a body with these grants counts: an accreditation may be older than its entry here."""
    return min(now, *(start_of(read_day(grant["valid_from"])) for grant in grants))
