"""Writes of common sheets: begun, proposed, signed by all, and followed by the items of each tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from events import requests as events
from events.canonical import plain
from events.text import FreeText
from services.requests.domain.common import check_follower, check_following, check_reasons, effective, not_in_force
from services.requests.domain.items import ITEM_LIFECYCLE, check_sheet
from services.requests.models import CommonRevision, CommonSheet, Item
from services.requests.models.common import common_in_force
from shared.commands.registry import command
from shared.core.errors import Fault, InvalidError
from shared.countersigned.commands import Revisions
from shared.countersigned.revision import check_none_open
from shared.journal.session import Session


def _follow(_session: Session, _common: CommonSheet, *, revision: CommonRevision) -> None:
    """Each tenant's own items follow in its own transaction, once it has heard of it (`follow_revision`)."""
    del revision


COMMON = Revisions(
    subject=CommonSheet,
    kind=CommonRevision,
    proposed=lambda row: events.CommonRevisionProposed(
        common=row.common_id, revision=row.revision, content_hash=row.content_hash
    ),
    amended=events.CommonRevisionAmended,
    signed=events.CommonRevisionSigned,
    refused=events.CommonRevisionRefused,
    withdrawn=events.CommonRevisionWithdrawn,
    agreed=events.CommonRevisionAgreed,
    in_force=events.CommonRevisionInForce,
    superseded=events.CommonRevisionSuperseded,
    ended=events.CommonRevisionEnded,
    reminded=events.CommonRevisionReminded,
    concluded=_follow,
)


def begin_common_sheet(session: Session, *, parties: Sequence[UUID], **described: Any) -> CommonSheet:
    """With others: from then on any of them proposes the sheet, which all sign."""
    here = session.context.tenant_id
    others = {f"/parties/{index}": tenant for index, tenant in enumerate(parties) if tenant != here}
    session.directory.check_active(session, others)
    if not others:
        zh, en = "请至少填写一个其他辖区。", "Name at least one other jurisdiction."
        raise InvalidError("common_sheet_alone", zh, en, [Fault("/parties", zh, en)])
    row = session.create(CommonSheet, parties=sorted({here, *parties}), next_revision=1, **described)
    session.publish(row, events.CommonSheetBegun(parties=tuple(row.party_ids)))
    return row


@command("requests.common_sheet.propose", CommonSheet)
def propose_common_revision(
    session: Session, common: UUID, *, sheet: Mapping[str, Any], effective_from: date, sign_by: date | None = None
) -> CommonRevision:
    """Put the next revision on the table; it is not signed by proposing it."""
    row = session.locked(CommonSheet, common)
    check_none_open(COMMON.on_table(session, row))
    check_sheet(sheet)
    number = row.next_revision
    row.next_revision = number + 1
    session.publish(row, events.CommonSheetNegotiated(revision=number))
    content = {"sheet": plain(sheet), "effective_from": effective_from}
    return COMMON.propose(session, row, revision=number, content=content, sign_by=sign_by)


@command("requests.common_revision.amend", CommonRevision)
def amend_common_revision(session: Session, key: UUID, **changes: Any) -> CommonRevision:
    """Change the sheet, or from when on it counts; every signature given so far is void."""
    _common, row = COMMON.locked(session, key, action="amend")
    if "sheet" in changes:
        check_sheet(changes["sheet"])
        changes["sheet"] = plain(changes["sheet"])
    return COMMON.amend(session, row, changes=changes)


@command("requests.common_revision.sign", CommonRevision)
def sign_common_revision(session: Session, key: UUID, *, content_hash: str) -> CommonRevision:
    """Sign what one has read; the last party's signature makes it hold, on its day."""
    common, row = COMMON.locked(session, key, action="sign")
    return COMMON.sign(session, common, row=row, content_hash=content_hash)


@command("requests.common_revision.refuse", CommonRevision)
def refuse_common_revision(session: Session, key: UUID, *, reason: FreeText) -> CommonRevision:
    """Refuse it; a new one can then be proposed."""
    return COMMON.refuse(session, key, reason=reason)


@command("requests.common_revision.withdraw", CommonRevision)
def withdraw_common_revision(session: Session, key: UUID, *, reason: FreeText) -> CommonRevision:
    """Take one's own proposal back, for good, while nobody else has signed it."""
    return COMMON.withdraw(session, key, reason=reason)


@command("requests.item.follow", Item)
def follow_common(
    session: Session, key: UUID, *, common: UUID, local: Mapping[str, Any], reasons: Sequence[Mapping[str, str]]
) -> Item:
    """Offer an own item by the common sheet, with what differs here; all differences at once, none where none is given.

    Raises `ConflictError` while no revision that all have signed is in force, and for who is no party.
    """
    row, held = session.locked(Item, key), session.one(CommonSheet, common)
    ITEM_LIFECYCLE.move(row, "follow")
    check_follower(held.party_ids, row.tenant)
    revision = common_in_force(session, common)
    if revision is None:
        raise not_in_force()
    row.follows = {"common": str(common), "local": plain(local), "reasons": check_reasons(local, reasons)}
    _apply(session, row, revision=revision)
    return row


@command("requests.item.unfollow", Item)
def unfollow_common(session: Session, key: UUID) -> Item:
    """From now on the sheet is the tenant's own again, as it stands; raises `ConflictError` where it is already."""
    row = session.locked(Item, key)
    ITEM_LIFECYCLE.move(row, "unfollow")
    check_following(row.follows)
    row.follows, row.edition = None, row.edition + 1
    session.publish(row, events.ItemUnfollowed(edition=row.edition))
    return row


def follow_revision(session: Session, common: UUID) -> None:
    """A revision has come into force: the items of this tenant that follow the sheet count by it, with what differs."""
    revision = common_in_force(session, common)
    following = Item.follows["common"].astext == str(common), Item.home_id == session.context.tenant_id
    for key in session.scalars(select(Item.id).where(*following).order_by(Item.id)).all() if revision else ():
        row = session.locked(Item, key)
        if revision is not None and row.follows is not None and row.follows["revision"] != revision.revision:
            _apply(session, row, revision=revision)


def _apply(session: Session, row: Item, *, revision: CommonRevision) -> None:
    follows = {**(row.follows or {}), "revision": revision.revision}
    sheet = effective(revision.sheet, follows["local"])
    check_sheet(sheet)
    row.follows, row.sheet, row.edition = follows, sheet, row.edition + 1
    number, differs = revision.revision, tuple(follows["local"])
    change = events.ItemFollowed(common=revision.common_id, revision=number, differs=differs, edition=row.edition)
    session.publish(row, change)
