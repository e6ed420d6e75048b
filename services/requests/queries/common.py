"""Common sheets with what counts at each tenant, their revisions, and how they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.requests.domain.common import differences
from services.requests.models import CommonRevision, CommonSheet, ItemRow
from services.requests.models.common import common_revision_id
from shared.core.errors import NotFoundError
from shared.database.lists import ListQuery
from shared.database.rows import Aggregate
from shared.http.attributes import attributes_of
from shared.http.names import Name
from shared.journal.session import Session
from shared.journal.work import waits_for_us
from shared.replication.delivery import order_of

sheets = ListQuery(CommonSheet, order_of(CommonSheet), {"category": CommonSheet.category})
"""Those of which the tenant is a party, newest first."""
revisions = ListQuery(
    CommonRevision,
    order_of(CommonRevision, "revision"),
    {"state": CommonRevision.state, "to_sign": lambda value: waits_for_us(CommonRevision, wanted=value)},
    under=(CommonSheet, CommonRevision.common_id),
)
"""The revisions of one common sheet, newest first."""


def revision(session: Session, key: UUID, *, revision: int) -> CommonRevision:
    """One revision; raises `NotFoundError`."""
    row = session.get(CommonRevision, (session.context.tenant_id, revision_key(session, key, revision=revision)))
    if row is None:
        raise NotFoundError.of(CommonRevision.called, revision)
    return row


def revision_key(session: Session, key: UUID, *, revision: int) -> UUID:
    """The id of a revision, existing or not; raises `NotFoundError` for an unknown common sheet."""
    return common_revision_id(session.one(CommonSheet, key).home_id, key, number=revision)


def history(session: Session, key: UUID) -> list[Aggregate]:
    """The common sheet, then its revisions, newest first; raises `NotFoundError`."""
    row = session.one(CommonSheet, key)
    found = select(CommonRevision).where(CommonRevision.common_id == key).order_by(CommonRevision.revision.desc())
    return [row, *session.scalars(found)]


def present_sheets(session: Session, rows: Sequence[CommonSheet]) -> list[dict[str, Any]]:
    """What the view shows: what differs is held against what all have signed, as it is kept here."""
    keys, known = [row.id for row in rows], dict[UUID, dict[int, CommonRevision]]()
    for one in session.scalars(select(CommonRevision).where(CommonRevision.common_id.in_(keys))):
        known.setdefault(one.common_id, {})[one.revision] = one
    offered = defaultdict[UUID | None, list[ItemRow]](list)
    for item in session.scalars(select(ItemRow).where(ItemRow.follows.in_(keys)).order_by(ItemRow.code, ItemRow.id)):
        offered[item.follows].append(item)
    here, made = session.context.party, []
    for row, shown in zip(rows, attributes_of(session, rows), strict=True):
        of_sheet = known.get(row.id, {})
        current = max((one for one in of_sheet.values() if one.state == "in_force"), key=_number, default=None)
        is_open = any(one.state == "proposed" for one in of_sheet.values())
        made.append(
            {
                **shown,
                "in_force": current and current.revision,
                "common": current and current.sheet,
                "followers": [_follower(item, of_sheet) for item in offered[row.id] if item.tenant in row.party_ids],
                "allowed_actions": ["propose_revision"] if here in row.party_ids and not is_open else [],
            }
        )
    return made


def _number(row: CommonRevision) -> int:
    return row.revision


def _follower(item: ItemRow, known: dict[int, CommonRevision]) -> dict[str, Any]:
    follows = item.state["follows"]
    signed, sheet = known.get(follows["revision"]), item.state["sheet"]
    return {
        "tenant": item.tenant, "item": item.id, "state": item.status, "revision": follows["revision"],
        "effective": sheet,
        "differences": differences(signed.sheet, sheet, reasons=follows["reasons"]) if signed else [],
    }  # fmt: skip


def present_revisions(session: Session, rows: Sequence[CommonRevision]) -> list[dict[str, Any]]:
    """What the view shows."""
    here = session.context.party
    return [
        {
            **shown,
            "missing_signatures": row.missing_signatures,
            "allowed_actions": row.allowed_actions(here, can_hold=True),
        }
        for row, shown in zip(rows, attributes_of(session, rows), strict=True)
    ]


def sheet_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By the service."""
    found = session.execute(
        select(CommonSheet.id, CommonSheet.name_zh, CommonSheet.name_en).where(CommonSheet.id.in_(ids))
    )
    return {key: Name(f"{zh}共同规则表", f"Common sheet of {en or zh}") for key, zh, en in found}


def revision_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """Each with its common sheet and its number."""
    row = CommonRevision
    columns = row.id, row.revision, CommonSheet.id, CommonSheet.name_zh, CommonSheet.name_en
    query = select(*columns).join(CommonSheet, CommonSheet.id == row.common_id).where(row.id.in_(ids))
    return {
        key: Name(f"{zh}共同规则表第{number}版", f"common sheet of {en or zh}, revision {number}", str(number), common)
        for key, number, common, zh, en in session.execute(query)
    }
