"""Writes of notices: drafted, revised, published, confirmed, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events.canonical import instant, plain
from events.notices import NoticeDrafted, NoticePublished, NoticeRead, NoticeRevised, NoticeWithdrawn
from events.text import FreeText
from services.notices.domain import CONFIRM, NOTICE_LIFECYCLE, check_home, check_unread
from services.notices.models import Notice
from shared.commands.registry import command
from shared.files.citing import check_cited
from shared.journal.session import Session


def draft_notice(session: Session, *, addressees: Sequence[UUID], **described: Any) -> Notice:
    """A new notice, which nobody else sees until it is published."""
    check_cited(session, described["attachments"], pointer="/attachments")
    notice = session.create(
        Notice,
        parties=[session.context.tenant_id],
        state=NOTICE_LIFECYCLE.initial,
        readings=[],
        published_at=None,
        addressees=_others(session, addressees),
        reason_digest=None,
        **described,
    )
    session.publish(notice, NoticeDrafted(title_zh=notice.title_zh))
    return notice


@command("notices.notice.revise", Notice)
def revise_notice(session: Session, notice_id: UUID, **changes: Any) -> Notice:
    """Change a draft."""
    notice = session.locked(Notice, notice_id)
    check_home(session.context.party, notice.home_id)
    NOTICE_LIFECYCLE.move(notice, "revise")
    check_cited(session, changes.get("attachments", ()), pointer="/attachments", before=notice.attachments)
    if "addressees" in changes:
        changes["addressees"] = _others(session, changes["addressees"])
    changed = {name: value for name, value in changes.items() if getattr(notice, name) != value}
    for name, value in changed.items():
        setattr(notice, name, value)
    if changed:
        session.publish(notice, NoticeRevised(changes=plain(changed)))
    return notice


def _others(session: Session, addressees: Sequence[UUID]) -> list[UUID]:
    """Each once, all of them at work and none of them the home."""
    session.directory.check_active(session, {f"/addressees/{index}": tenant for index, tenant in enumerate(addressees)})
    return sorted({*addressees} - {session.context.tenant_id})


@command("notices.notice.publish", Notice)
def publish_notice(session: Session, notice_id: UUID) -> Notice:
    """Tell it to its addressees, who were at work when it was drafted and are still."""
    notice = session.locked(Notice, notice_id)
    check_home(session.context.party, notice.home_id)
    NOTICE_LIFECYCLE.move(notice, "publish")
    notice.addressees = _others(session, notice.addressees)
    notice.party_ids, notice.published_at = sorted([notice.home_id, *notice.addressees]), session.clock.now()
    session.publish(notice, NoticePublished(addressees=tuple(notice.addressees)))
    return notice


@command(CONFIRM, Notice)
def confirm_notice(session: Session, notice_id: UUID) -> Notice:
    """An addressee has read it."""
    notice, reader = session.locked(Notice, notice_id), session.context.party
    NOTICE_LIFECYCLE.move(notice, "confirm")
    check_unread(reader, notice.addressees, readings=notice.readings)
    notice.readings = [*notice.readings, {"tenant": str(reader), "read_at": instant(session.clock.now())}]
    session.publish(notice, NoticeRead())
    return notice


@command("notices.notice.withdraw", Notice)
def withdraw_notice(session: Session, notice_id: UUID, *, reason: FreeText) -> Notice:
    """What was announced counts no more; it stays readable with the reason."""
    notice = session.locked(Notice, notice_id)
    check_home(session.context.party, notice.home_id)
    NOTICE_LIFECYCLE.move(notice, "withdraw")
    notice.reason_digest = reason.digest
    session.publish(notice, NoticeWithdrawn(reason=reason))
    return notice
