"""How the terms of cases are kept, by whoever handles them or files them, and by item."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from services.requests.domain.scores import light, share
from services.requests.models import Case
from shared.core.calendar import end_of, start_of
from shared.journal.session import Session

SIDES = {"handler": Case.handler, "home": Case.home_id}
MOST_ROWS = 500


def scoreboard(session: Session, *, since: date, until: date, role: str) -> dict[str, Any]:
    """Of the cases that were filed in these days, as far as this tenant has them: its own, and those it handles."""
    side = SIDES[role]
    query = (
        select(
            side.label("tenant"),
            Case.item_id,
            func.count().label("cases"),
            func.count(Case.accepted_in_term).label("accepted"),
            func.count().filter(Case.accepted_in_term.is_(True)).label("accepted_in_term"),
            func.count(Case.answered_in_term).label("decided"),
            func.count().filter(Case.answered_in_term.is_(True)).label("decided_in_term"),
            func.avg(Case.own_days).label("days"),
            func.count().filter(Case.decision["outcome"].astext == "refused").label("refused"),
            func.count().filter(Case.is_overdue).label("overdue"),
        )
        .where(Case.filed_at >= start_of(since), Case.filed_at < end_of(until))
        .group_by(side, Case.item_id)
        .order_by(func.count().desc(), side, Case.item_id)
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
            "average_days": None if one.days is None else Decimal(one.days).quantize(Decimal("0.1")),
            "refused": one.refused,
            "overdue": one.overdue,
            "light": light(one.decided_in_term, of=one.decided),
        }
        for one in session.execute(query)
    ]
    return {"since": since, "until": until, "role": role, "rows": rows}
