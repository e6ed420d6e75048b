"""The commands that a tenant sent to others, as they are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from shared.db import Session
from shared.forwarding import OVERDUE, PENDING, PendingCommand
from shared.http.pages import Cut, Page, in_order


def commands_sent(session: Session, filters: Mapping[str, Any], *, cut: Cut) -> Page:
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
    query = select(row).where(*(known[name](value) for name, value in filters.items() if value))
    return in_order(session, query, by=(row.sent_at, row.id), cut=cut, descending=True)
