"""How the terms of cases are kept, by whoever handles them or files them, and by item."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.requests.domain.bulletins import check_order, scores
from services.requests.models.tallies import SIDES, counted
from shared.journal.session import Session

MOST_ROWS = 500


def scoreboard(session: Session, *, since: date, until: date, role: str) -> dict[str, Any]:
    """Of the cases that were filed in these days, as far as this tenant has them: its own, and those it handles."""
    check_order(since, until)
    found = counted(session, SIDES[role], days=(since, until), most=MOST_ROWS + 1)
    rows = [{"tenant": one["tenant"], "item": one["item_id"], **scores(one)} for one in found[:MOST_ROWS]]
    return {"since": since, "until": until, "role": role, "rows": rows, "is_cut": len(found) > MOST_ROWS}
