"""The catalogue of service items."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.requests.domain.items import ITEM_LIFECYCLE
from services.requests.models import Item, ItemRow
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.evidence.documents import document_of, possible_at_home, told, told_of
from shared.http.names import Name
from shared.journal.session import Session
from shared.text.matching import sounds_like_all

BY_CODE = Order({"code": ItemRow.code}, "code", (ItemRow.id,), at_or_after(ItemRow.received_at))
items = ListQuery(
    ItemRow,
    BY_CODE,
    {
        "state": ItemRow.status,
        "tenant": ItemRow.tenant,
        "category": ItemRow.category,
        "mode": ItemRow.mode,
        "audience": ItemRow.audience,
        "q": lambda value: sounds_like_all(ItemRow.folded, value),
    },
    visible=told_of(Item),
)
"""Items of the whole platform, in order of their codes."""


def item(session: Session, key: UUID) -> Item | ItemRow:
    """One's own as it is, another one as the register tells of it; raises `NotFoundError`."""
    found: Item | ItemRow = told(session, Item, key=key)
    return found


def present_items(session: Session, rows: Sequence[Item | ItemRow]) -> list[dict[str, Any]]:
    """What the view shows."""
    return [
        {**one, "allowed_actions": possible_at_home(session, one, lifecycle=ITEM_LIFECYCLE)}
        for one in map(document_of, rows)
    ]


def item_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By their names, with their codes."""
    state = ItemRow.state
    query = select(ItemRow.id, state["name_zh"].astext, state["name_en"].astext, ItemRow.code)
    found = session.execute(query.where(ItemRow.id.in_(ids)))
    return {key: Name(zh, en or zh, code) for key, zh, en, code in found}
