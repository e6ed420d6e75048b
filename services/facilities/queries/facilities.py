"""The list of facilities, and what their view shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_

from services.facilities.domain.facility import FACILITY_LIFECYCLE
from services.facilities.models import Facility, FacilityRow
from services.facilities.models.known import facility
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.evidence.documents import documents_of, possible_at_home, told_of
from shared.journal.session import Session
from shared.text.matching import sounds_like_all


def _within(division: str) -> ColumnElement[bool]:
    """In this division: by the digits that every division within it begins with."""
    stem = division[:2] if division.endswith("0000") else division[:4] if division.endswith("00") else division
    code = FacilityRow.state["division"].astext
    return and_(code.is_not(None), code.startswith(stem, autoescape=True))


facilities = ListQuery(
    FacilityRow,
    Order(
        {"name_zh": FacilityRow.name_zh, "received_at": FacilityRow.received_at},
        "name_zh",
        (FacilityRow.id,),
        at_or_after(FacilityRow.received_at),
    ),
    {
        "state": FacilityRow.status,
        "kind": FacilityRow.state["kind"].astext,
        "tenant": FacilityRow.tenant,
        "division": _within,
        "q": lambda value: sounds_like_all(FacilityRow.folded, value),
    },
    visible=told_of(Facility),
)
"""Of the whole platform, as the register tells of them."""


def present_facilities(session: Session, rows: Sequence[Facility | FacilityRow]) -> list[dict[str, Any]]:
    """What the view shows."""
    offices = session.context.scope == "tenant"
    return [
        {**item, "allowed_actions": possible_at_home(session, item, lifecycle=FACILITY_LIFECYCLE) if offices else ()}
        for item in documents_of(session, rows)
    ]


def facility_history(session: Session, key: UUID) -> list[Facility]:
    """One's own, as far as it is shown; raises `NotFoundError`."""
    facility(session, key)
    return [session.one(Facility, key)]
