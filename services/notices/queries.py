"""The list of notices, and what their view shows beyond columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.notices.domain import possible, unread
from services.notices.models import Notice
from shared.database.lists import ListQuery
from shared.http.attributes import attributes_of
from shared.http.names import Name
from shared.journal.session import Session
from shared.journal.work import waits_for_us
from shared.replication.delivery import order_of
from shared.text.matching import sounds_like_all

notices = ListQuery(
    Notice,
    order_of(Notice, "title_zh"),
    {
        "state": Notice.state,
        "home": Notice.home_id,
        "unread": lambda value: waits_for_us(Notice, wanted=value, actions=("confirm",)),
        "q": lambda value: sounds_like_all(Notice.folded, value),
    },
)


def present_notices(session: Session, rows: Sequence[Notice]) -> list[dict[str, Any]]:
    """What the view shows."""
    here, found = session.context.party, []
    for row, attributes in zip(rows, attributes_of(session, rows), strict=True):
        missing = unread(row.addressees, row.readings)
        actions = possible(row.state, is_home=here == row.home_id, waits=here in missing)
        found.append({**attributes, "unread": missing, "allowed_actions": actions})
    return found


def notice_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """Those of which the tenant is a party."""
    found = session.execute(select(Notice.id, Notice.title_zh, Notice.title_en).where(Notice.id.in_(ids)))
    return {key: Name(zh, en or zh) for key, zh, en in found}
