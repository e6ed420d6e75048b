"""How the terms of cases are kept, by whoever handles them or files them, and by item."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from services.requests.domain.scores import light, share
from services.requests.models import Tally
from shared.journal.session import Session

SIDES = {"handler": Tally.handler, "home": Tally.home}
COUNTS = (
    Tally.cases, Tally.accepted, Tally.accepted_in_term, Tally.decided, Tally.decided_in_term, Tally.timed,
    Tally.own_days, Tally.refused, Tally.overdue, Tally.dated, Tally.dated_kept,
)  # fmt: skip
MOST_ROWS = 500


def scoreboard(session: Session, *, since: date, until: date, role: str) -> dict[str, Any]:
    """Of the cases that were filed in these days, as far as this tenant has them: its own, and those it handles."""
    side = SIDES[role]
    query = (
        select(side.label("tenant"), Tally.item_id, *(func.sum(one).label(one.key) for one in COUNTS))
        .where(Tally.day >= since, Tally.day <= until)
        .group_by(side, Tally.item_id)
        .having(func.sum(Tally.cases) > 0)
        .order_by(func.sum(Tally.cases).desc(), side, Tally.item_id)
        .limit(MOST_ROWS)
    )
    rows = [
        {
            "tenant": one.tenant,
            "item": one.item_id,
            "cases": one.cases,
            "accepted": one.accepted,
            "accepted_share": share(one.accepted_in_term, of=one.accepted),
            "decided": one.decided,
            "decided_share": share(one.decided_in_term, of=one.decided),
            "dated": one.dated,
            "dated_share": share(one.dated_kept, of=one.dated),
            "average_days": (Decimal(one.own_days) / one.timed).quantize(Decimal("0.1")) if one.timed else None,
            "refused": one.refused,
            "overdue": one.overdue,
            "light": light(one.decided_in_term, of=one.decided),
        }
        for one in session.execute(query)
    ]
    return {"since": since, "until": until, "role": role, "rows": rows}
