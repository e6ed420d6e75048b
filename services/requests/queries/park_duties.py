"""Lists of duty tables of parks and of their revisions, and how they are called."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.requests.models import DutyRevision, DutyTable, KnownPark
from services.requests.models.park_duties import revision_id
from services.requests.models.places import ENDED
from shared.core.errors import NotFoundError
from shared.database.lists import ListQuery
from shared.database.rows import Aggregate
from shared.http.attributes import attributes_of
from shared.http.names import Name
from shared.journal.session import Session
from shared.journal.work import waits_for_us
from shared.replication.delivery import order_of

tables = ListQuery(DutyTable, order_of(DutyTable), {"park": DutyTable.park_id})
"""The tenant's, newest first."""
revisions = ListQuery(
    DutyRevision,
    order_of(DutyRevision, "revision"),
    {"state": DutyRevision.state, "to_sign": lambda value: waits_for_us(DutyRevision, wanted=value)},
    under=(DutyTable, DutyRevision.table_id),
)
"""The revisions of one table, newest first."""


def revision(session: Session, key: UUID, *, revision: int) -> DutyRevision:
    """One revision; raises `NotFoundError`."""
    row = session.get(DutyRevision, (session.context.tenant_id, revision_key(session, key, revision=revision)))
    if row is None:
        raise NotFoundError.of(DutyRevision.called, revision)
    return row


def revision_key(session: Session, key: UUID, *, revision: int) -> UUID:
    """The id of a revision, existing or not; raises `NotFoundError` for an unknown table."""
    table = session.one(DutyTable, key)
    return revision_id(table.home_id, table.park_id, number=revision)


def history(session: Session, key: UUID) -> list[Aggregate]:
    """The table, then its revisions, newest first; raises `NotFoundError`."""
    table = session.one(DutyTable, key)
    found = select(DutyRevision).where(DutyRevision.table_id == key).order_by(DutyRevision.revision.desc())
    return [table, *session.scalars(found)]


def present_tables(session: Session, rows: Sequence[DutyTable]) -> list[dict[str, Any]]:
    """What the view shows; a revision is proposed while none awaits signatures."""
    keys, going_on = [row.id for row in rows], _going_on(session, [row.park_id for row in rows])
    open_ones = select(DutyRevision.table_id).where(DutyRevision.table_id.in_(keys), DutyRevision.state == "proposed")
    negotiated, here = {*session.scalars(open_ones)}, session.context.party
    return [
        {
            **shown,
            "allowed_actions": ["propose_revision"]
            if here in row.party_ids and row.park_id in going_on and row.id not in negotiated
            else [],
        }
        for row, shown in zip(rows, attributes_of(session, rows), strict=True)
    ]


def present_revisions(session: Session, rows: Sequence[DutyRevision]) -> list[dict[str, Any]]:
    """What the view shows."""
    going_on = _going_on(session, [row.park_id for row in rows])
    return [
        {
            **shown,
            "missing_signatures": row.missing_signatures,
            "allowed_actions": row.allowed_actions(session.context.party, can_hold=row.park_id in going_on),
        }
        for row, shown in zip(rows, attributes_of(session, rows), strict=True)
    ]


def _going_on(session: Session, parks: Collection[UUID]) -> set[UUID]:
    known = select(KnownPark.park_id).where(KnownPark.park_id.in_(parks), KnownPark.state.not_in(ENDED))
    return {*session.scalars(known)}


def table_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By their parks."""
    found = session.execute(select(DutyTable.id, DutyTable.name_zh, DutyTable.name_en).where(DutyTable.id.in_(ids)))
    return {key: Name(f"{zh}分工表", f"Duty table of {en or zh}") for key, zh, en in found}


def revision_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """Each with its table and its number."""
    columns = DutyRevision.id, DutyRevision.revision, DutyTable.id, DutyTable.name_zh, DutyTable.name_en
    query = select(*columns).join(DutyTable, DutyTable.id == DutyRevision.table_id).where(DutyRevision.id.in_(ids))
    return {
        key: Name(f"{zh}分工表第{number}版", f"duty table of {en or zh}, revision {number}", str(number), table)
        for key, number, table, zh, en in session.execute(query)
    }
