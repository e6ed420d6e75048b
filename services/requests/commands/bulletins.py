"""Writes of bulletins: published, withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from events.requests import BulletinPublished, BulletinWithdrawn
from services.requests.domain.bulletins import BULLETIN_LIFECYCLE, check_period, together
from services.requests.domain.matters import ITEM_IDS, item_of
from services.requests.models import Bulletin, ItemRow
from services.requests.models.tallies import COUNTS, SIDES, counted
from shared.commands.registry import command
from shared.core.calendar import day_of
from shared.core.errors import ConflictError
from shared.journal.session import Session

MATTERS = {key: item_of(kind) for kind, key in ITEM_IDS.items()}
"""The built-in items of matters of parks."""
MOST_LINES = 50
"""Of each role: so that a bulletin stays within what a journal entry may hold."""
OTHERS = {"name_zh": "其他事项", "name_en": "Other items"}


def publish_bulletin(session: Session, *, since: date, until: date) -> Bulletin:
    """Say for anybody how the caller's tenant kept its terms with the cases that were filed in a period.

    It speaks of itself alone. Raises `InvalidError` for a period that is not over, `ConflictError` for one that was
    published.
    """
    here = session.context.tenant_id
    check_period(since, until, today=day_of(session.clock.now()))
    # One at a time: two at once would both find none.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"requests.bulletins/{here}", 0))))
    same = select(Bulletin.id).where(
        Bulletin.tenant == here, Bulletin.state == "published", Bulletin.since == since, Bulletin.until == until
    )
    if session.scalar(same) is not None:
        raise ConflictError(
            "bulletin_published",
            "这一期间的公报已发布。如需更正,请先撤回再发布。",
            "The bulletin of this period is published. Withdraw it first to correct it.",
        )
    row = session.create(
        Bulletin,
        parties=[here],
        tenant=here,
        state=BULLETIN_LIFECYCLE.initial,
        since=since,
        until=until,
        rows=[*_rows(session, (since, until))],
    )
    session.publish(row, BulletinPublished(since=since, until=until))
    return row


def _rows(session: Session, days: tuple[date, date]) -> Iterator[dict[str, Any]]:
    """Those items of each role that had most cases, and in one line all others: the sums are of all."""
    for role, side in SIDES.items():
        found = counted(session, side, days=days, only=session.context.tenant_id)
        keys = [one["item_id"] for one in found[:MOST_LINES]]
        items = MATTERS | {row.id: row.state for row in session.scalars(select(ItemRow).where(ItemRow.id.in_(keys)))}
        names = [column.key for column in COUNTS]
        for one in found[:MOST_LINES]:
            item = items.get(one["item_id"], {})
            named = {name: item.get(name) for name in ("code", "name_zh", "name_en")}
            yield {"role": role, "item": str(one["item_id"]), **named, **together([one], names=names)}
        if others := found[MOST_LINES:]:
            yield {"role": role, **dict.fromkeys(("item", "code")), **OTHERS, **together(others, names=names)}


@command("requests.bulletin.withdraw", Bulletin)
def withdraw_bulletin(session: Session, key: UUID, *, reason: str) -> Bulletin:
    """It holds no longer; why is said for anybody."""
    row = session.locked(Bulletin, key)
    BULLETIN_LIFECYCLE.move(row, "withdraw")
    session.publish(row, BulletinWithdrawn(reason=reason))
    return row
