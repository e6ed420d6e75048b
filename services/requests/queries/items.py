"""The catalogue of service items."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from services.requests.domain.items import ITEM_LIFECYCLE
from services.requests.domain.matters import ITEM_IDS, MATTERS, SHEET, item_of
from services.requests.models import Item, ItemRow
from shared.core.context import PLATFORM
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


@dataclass(frozen=True)
class BuiltIn:
    """What matters of parks are asked for by: nobody's to change, and in no catalogue."""

    id: UUID
    kind: str
    etag: str = "1.1"

    @property
    def document(self) -> dict[str, Any]:
        """As that of an item."""
        known = {"id": self.id, "epoch": 1, "version": 1, "etag": self.etag, "updated_at": BUILT_IN_SINCE}
        whole = {"state": "in_force", "tenant": PLATFORM, "nature": "public_welfare", "audience": "anyone"}
        return {
            **item_of(self.kind),
            **known,
            **whole,
            "sheet": SHEET,
            "coordinator": None,
            "follows": None,
            "allowed_actions": (),
        }


BUILT_IN_SINCE = datetime(2026, 12, 1, tzinfo=UTC)
BUILT_IN = {key: BuiltIn(key, kind) for kind, key in ITEM_IDS.items()}


def item(session: Session, key: UUID) -> Item | ItemRow | BuiltIn:
    """One's own as it is, another one as the register tells of it; raises `NotFoundError`."""
    found: Item | ItemRow | BuiltIn = BUILT_IN.get(key) or told(session, Item, key=key)
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


def present_items(session: Session, rows: Sequence[Item | ItemRow | BuiltIn]) -> list[dict[str, Any]]:
    """What the view shows."""
    return [
        row.document
        if isinstance(row, BuiltIn)
        else {**(one := document_of(row)), "allowed_actions": _possible(session, one)}
        for row in rows
    ]


def _possible(session: Session, document: Mapping[str, Any]) -> list[str]:
    found = possible_at_home(session, document, lifecycle=ITEM_LIFECYCLE)
    return [action for action in found if action != "unfollow" or document["follows"] is not None]


def item_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By their names, with their codes."""
    state = ItemRow.state
    query = select(ItemRow.id, state["name_zh"].astext, state["name_en"].astext, ItemRow.code)
    found = session.execute(query.where(ItemRow.id.in_(ids)))
    built_in = {key: Name((said := MATTERS[BUILT_IN[key].kind]).zh, said.en) for key in ids if key in BUILT_IN}
    return {**built_in, **{key: Name(zh, en or zh, code) for key, zh, en, code in found}}
