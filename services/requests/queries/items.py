"""The catalogue of service items."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from services.requests.domain.items import ITEM_LIFECYCLE
from services.requests.models import Item, ItemRow
from shared.core.errors import NotFoundError
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.evidence.documents import document_of, possible_at_home, told, told_of
from shared.http.names import Name
from shared.journal.session import Session
from shared.text.matching import sounds_like_all

OPEN = "in_force"
BY_CODE = Order({"code": ItemRow.code}, "code", (ItemRow.id,), at_or_after(ItemRow.received_at))
NARROWED: Mapping[str, Any] = {
    "tenant": ItemRow.tenant,
    "category": ItemRow.category,
    "mode": ItemRow.mode,
    "audience": ItemRow.audience,
    "q": lambda value: sounds_like_all(ItemRow.folded, value),
}


def offered(_session: Any = None) -> list[ColumnElement[bool]]:
    """What can be asked for now."""
    return [ItemRow.status == OPEN]


items = ListQuery(ItemRow, BY_CODE, {"state": ItemRow.status, **NARROWED}, visible=told_of(Item))
"""Items of the whole platform, in order of their codes."""
open_items = ListQuery(ItemRow, BY_CODE, NARROWED, visible=offered)
"""Those that can be asked for now, for anybody."""


def item(session: Session, key: UUID) -> Item | ItemRow:
    """One's own as it is, another one as the register tells of it; raises `NotFoundError`."""
    found: Item | ItemRow = told(session, Item, key=key)
    return found


def open_item(session: Session, key: UUID) -> ItemRow:
    """One that can be asked for now; raises `NotFoundError`."""
    row = session.get(ItemRow, key)
    if row is None or row.status != OPEN:
        raise NotFoundError.of(Item.called, key)
    return row


def present_public_items(_session: Any, rows: Sequence[ItemRow]) -> list[dict[str, Any]]:
    """What the public view shows."""
    return [document_of(row) for row in rows]


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
