"""Reads of the duty table, and who would get a case by it today."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.requests.domain.duties import About, duty_by, grounds_of, why
from services.requests.models import DutyRule, ItemRow, KnownPark
from services.requests.models.duties import rules_for
from shared.core.calendar import day_of
from shared.core.errors import Fault, InvalidError
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.http.names import Name
from shared.journal.session import Session

duty_rules = ListQuery(
    DutyRule,
    Order(
        {name: getattr(DutyRule, name) for name in ("unit", "created_at", "updated_at")},
        "unit",
        (DutyRule.id,),
        at_or_after(DutyRule.updated_at),
    ),
    {
        "item": DutyRule.item_id,
        "category": DutyRule.category,
        "park": DutyRule.park_id,
        "unit": DutyRule.unit,
        "person": DutyRule.person,
    },
    visible=lambda _session: [DutyRule.removed_at.is_(None)],
)
"""The tenant's own, by unit."""


def route(session: Session, *, item: UUID, division: str | None = None, park: UUID | None = None) -> dict[str, Any]:
    """Whose a case would be that arrived today, and by which rule; nothing is written.

    A park that is known lies where it lies.
    """
    row = session.get(ItemRow, item)
    if row is None:
        zh, en = "没有这个服务事项。请从目录中选择。", "There is no such service item. Choose one of the catalogue."
        raise InvalidError("item_unknown", zh, en, [Fault("/item", zh, en)])
    known = session.get(KnownPark, (session.context.tenant_id, park)) if park is not None else None
    place = division if known is None else known.division or division
    found = rules_for(session, About(item=item, category=row.category, division=place, park=park))
    today = day_of(session.clock.now())
    duty = duty_by(found[0], today=today) if found else None
    said = why(found, today=today)
    return {
        "unit": duty and duty.unit,
        "person": duty and duty.person,
        "is_substitute": duty is not None and duty.is_substitute,
        "fitting": [{"rule": one.id, "unit": one.unit, "by": grounds_of(one)} for one in found],
        "why": {"zh": said.zh, "en": said.en},
    }


def duty_rule_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By their units."""
    found = session.execute(select(DutyRule.id, DutyRule.unit).where(DutyRule.id.in_(ids)))
    return {key: Name(f"{unit}的分工规则", f"duty rule of {unit}") for key, unit in found}
