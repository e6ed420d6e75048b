"""The commands that a tenant sent to others, as they are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from shared.commands.forwarding import OVERDUE, PENDING, PendingCommand
from shared.core.errors import NotFoundError
from shared.database.pages import Order, Page, PageRequest, at_or_after, in_order
from shared.journal.session import Session

COMMANDS = Order(
    {name: getattr(PendingCommand, name) for name in ("sent_at", "expires_at", "name")},
    "-sent_at", (PendingCommand.id,),
    at_or_after(func.greatest(PendingCommand.sent_at, PendingCommand.answered_at)),
)  # fmt: skip


def command_sent(session: Session, key: UUID) -> PendingCommand:
    """One of them; raises `NotFoundError`."""
    row = session.scalars(select(PendingCommand).where(PendingCommand.id == key, *_visible(session))).one_or_none()
    if row is None:
        raise NotFoundError.of("操作 / command", key)
    return row


def _visible(session: Session) -> list[ColumnElement[bool]]:
    """Whoever acts for one organisation sees what they sent themselves: the rows are the whole tenant's."""
    context = session.context
    return [PendingCommand.actor_id == context.actor_id] if context.organisation_id is not None else []


def commands_sent(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """Those that fit the filters, the latest first."""
    row, now = PendingCommand, session.clock.now()
    late = row.expires_at <= now

    def in_state(value: str) -> ColumnElement[bool]:
        if value == OVERDUE:
            return and_(row.state == PENDING, late)
        return and_(row.state == PENDING, ~late) if value == PENDING else row.state == value

    known: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
        "state": in_state,
        "aggregate": lambda value: row.aggregate_id == value,
        "home": lambda value: row.home_id == value,
        "mine": lambda _value: row.actor_id == session.context.actor_id,
    }
    query = select(row).where(*(known[name](value) for name, value in filters.items() if value), *_visible(session))
    return in_order(session, query, order=COMMANDS, paging=paging)
