"""Bulletins of every jurisdiction, as the register tells of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from services.requests.domain.bulletins import BULLETIN_LIFECYCLE, scores, together
from services.requests.models import Bulletin, BulletinRow
from services.requests.models.tallies import COUNTS, SIDES
from shared.core.errors import NotFoundError
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.evidence.documents import document_of, possible_at_home
from shared.http.names import Name
from shared.journal.session import Session

FILTERS = {"tenant": BulletinRow.tenant, "state": BulletinRow.status}
ORDER = Order({"until": BulletinRow.until}, "-until", (BulletinRow.id,), at_or_after(BulletinRow.received_at))


def _published(_session: Any = None) -> list[ColumnElement[bool]]:
    return [BulletinRow.status == "published"]


bulletins = ListQuery(BulletinRow, ORDER, FILTERS)
"""All of them, the last period first."""
public_bulletins = ListQuery(BulletinRow, ORDER, FILTERS, visible=_published)
"""Those that hold."""


def bulletin(session: Session, key: UUID) -> Bulletin | BulletinRow:
    """One's own as it is, another one as the register tells of it; raises `NotFoundError`."""
    found = session.get(Bulletin, (session.context.tenant_id, key)) or session.get(BulletinRow, key)
    if found is None:
        raise NotFoundError.of(Bulletin.called, key)
    return found


def present_bulletins(session: Session, rows: Sequence[Bulletin | BulletinRow]) -> list[dict[str, Any]]:
    """What the view shows officials."""
    return [
        {**one, "allowed_actions": possible_at_home(session, one, lifecycle=BULLETIN_LIFECYCLE)}
        for one in present_public_bulletins(session, rows)
    ]


def present_public_bulletins(_session: Any, rows: Sequence[Bulletin | BulletinRow]) -> list[dict[str, Any]]:
    """What the view shows anybody: every item, and all items of each role together."""
    made, names = [], [one.key for one in COUNTS]
    for document in map(document_of, rows):
        sums = [
            {"role": role, **scores(together((one for one in document["rows"] if one["role"] == role), names=names))}
            for role in SIDES
        ]
        made.append({**document, "rows": [{**one, **scores(one)} for one in document["rows"]], "sums": sums})
    return made


def bulletin_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By their periods."""
    since = BulletinRow.state["since"].astext
    period = func.concat(since, "/", BulletinRow.until)
    found = session.execute(select(BulletinRow.id, period).where(BulletinRow.id.in_(ids)))
    return {key: Name(f"{days} 办件公报", f"Bulletin of {days}") for key, days in found}
