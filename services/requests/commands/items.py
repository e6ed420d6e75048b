"""Writes of service items: drafted, revised, opened, closed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from events.canonical import plain
from events.requests import ItemClosed, ItemDrafted, ItemOpened, ItemRevised
from services.requests.domain.common import follows_common
from services.requests.domain.items import AUDIENCES, ITEM_LIFECYCLE, check_sheet
from services.requests.models import Item
from shared.commands.registry import command
from shared.core.errors import ConflictError, Fault
from shared.journal.session import Session


def draft_item(session: Session, *, code: str, coordinator: UUID | None, **described: Any) -> Item:
    """A service that the caller's tenant is going to offer."""
    check_sheet(described["sheet"])
    _check_coordinator(session, coordinator)
    lock_codes(session)
    same = select(Item.id).where(Item.tenant == session.context.tenant_id, Item.code == code)
    if session.scalar(same) is not None:
        zh, en = f"事项编码 {code} 已被使用。请换一个。", f"The code {code} is taken. Choose another one."
        raise ConflictError("item_code_taken", zh, en, [Fault("/code", zh, en)])
    row, change = new_item(session, code=code, coordinator=coordinator, **described)
    session.publish(row, change)
    return row


@command("requests.item.revise", Item)
def revise_item(session: Session, key: UUID, **changes: Any) -> Item:
    """Change it; cases that were filed keep the sheet they were filed by."""
    row = session.locked(Item, key)
    _check_coordinator(session, changes.get("coordinator"))
    change = revision_of_item(row, **changes)
    if change is not None:
        session.publish(row, change)
    return row


@command("requests.item.open", Item)
def open_item(session: Session, key: UUID) -> Item:
    """Let organisations ask for it."""
    row = session.locked(Item, key)
    ITEM_LIFECYCLE.move(row, "open")
    session.publish(row, ItemOpened(code=row.code))
    return row


@command("requests.item.close", Item)
def close_item(session: Session, key: UUID, *, reason: str) -> Item:
    """Nobody may ask for it any more; cases that were filed go on."""
    row = session.locked(Item, key)
    ITEM_LIFECYCLE.move(row, "close")
    session.publish(row, ItemClosed(reason=reason))
    return row


def lock_codes(session: Session) -> None:
    """One at a time gives codes to new items of a tenant, so that none is given twice."""
    name = f"requests.items/{session.context.tenant_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def new_item(
    session: Session, *, code: str, coordinator: UUID | None = None, **described: Any
) -> tuple[Item, ItemDrafted]:
    """The row with the change that is to be published; whether it may be was asked before."""
    row = session.create(
        Item,
        parties=[session.context.tenant_id],
        tenant=session.context.tenant_id,
        state=ITEM_LIFECYCLE.initial,
        code=code,
        coordinator=coordinator,
        edition=1,
        **{"national_code": None, "name_en": None, "audience": AUDIENCES[0], **plain(described)},
    )
    return row, ItemDrafted(code=code)


def revision_of_item(row: Item, **changes: Any) -> ItemRevised | None:
    """Change the locked row; None where nothing differs. Raises what the lifecycle or the sheet refuses."""
    ITEM_LIFECYCLE.move(row, "revise")
    if "sheet" in changes:
        check_sheet(changes["sheet"])
    changed = differing(row, **changes)
    if "sheet" in changed and row.follows is not None:
        raise follows_common()
    if not changed:
        return None
    for name, value in changed.items():
        setattr(row, name, value if isinstance(value, UUID) else plain(value))
    row.edition += 1
    return ItemRevised(changes=plain(changed), edition=row.edition)


def differing(row: Item, **changes: Any) -> dict[str, Any]:
    """Those that are not as the row is already."""
    return {name: value for name, value in changes.items() if plain(getattr(row, name)) != plain(value)}


def _check_coordinator(session: Session, coordinator: UUID | None) -> None:
    if coordinator is not None:
        session.directory.check_active(session, {"/coordinator": coordinator})
