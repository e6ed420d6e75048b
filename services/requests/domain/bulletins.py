"""The bulletin: how a jurisdiction kept its terms in a period, said by itself, for anybody to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.requests.domain.scores import light, share
from shared.core.errors import Fault, InvalidError
from shared.rules.lifecycle import Lifecycle, Step

BULLETIN_LIFECYCLE = Lifecycle(
    "bulletin", "published", (Step("withdraw", ("published",), "withdrawn"),), words="services.requests"
)
LONGEST = timedelta(days=366)
"""Of a period; our own rule: a bulletin is of a month, a quarter or a year."""


def check_order(since: date, until: date) -> None:
    """Raises `InvalidError` for a period that ends before it begins."""
    if until < since:
        zh, en = "截止日不能早于起始日。", "The period ends before it begins."
        raise InvalidError("period_reversed", zh, en, [Fault("/until", zh, en)])


def check_period(since: date, until: date, *, today: date) -> None:
    """A period that is over, of a year at most; raises `InvalidError`."""
    check_order(since, until)
    if until - since >= LONGEST:
        zh, en = "公报的期间至多一年。请缩短期间。", "A bulletin is of a year at most. Choose a shorter period."
        raise InvalidError("period_long", zh, en, [Fault("/since", zh, en)])
    if until >= today:
        zh, en = (
            "期间尚未结束。请选择昨日或更早的截止日。",
            "The period is not over yet. Let it end yesterday or earlier.",
        )
        raise InvalidError("period_open", zh, en, [Fault("/until", zh, en)])


def scores(counts: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown of the counts of one side and one item: shares in per cent, days on average, the light."""
    accepted, decided, timed = (int(counts[name]) for name in ("accepted", "decided", "timed"))
    return {
        "cases": counts["cases"],
        "accepted": accepted,
        "accepted_share": share(counts["accepted_in_term"], of=accepted),
        "decided": decided,
        "decided_share": share(counts["decided_in_term"], of=decided),
        "dated": counts["dated"],
        "dated_share": share(counts["dated_kept"], of=counts["dated"]),
        "average_days": (Decimal(counts["own_days"]) / timed).quantize(Decimal("0.1")) if timed else None,
        "refused": counts["refused"],
        "overdue": counts["overdue"],
        "light": light(counts["decided_in_term"], of=decided),
    }


def together(rows: Iterable[Mapping[str, Any]], *, names: Iterable[str]) -> dict[str, int]:
    """The counts of several items added up."""
    kept = list(rows)
    return {name: sum(int(one[name]) for one in kept) for name in names}
