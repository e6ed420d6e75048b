"""What is said about a case: messages that all its parties read, and notes inside one jurisdiction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from events.canonical import plain
from events.requests import MessageSent
from events.text import FreeText
from services.requests.models import Case, Message, Note
from shared.core.errors import ConflictError
from shared.files.citing import check_cited
from shared.journal.session import Session


def send_message(session: Session, key: UUID, *, text: FreeText, attachments: Sequence[Mapping[str, Any]]) -> Message:
    """To all parties of the case as they are now; a case that nobody handles yet has no thread."""
    case = session.one(Case, key)
    if case.number is None:
        raise ConflictError("not_filed", "申请尚未提交,没有沟通对象。", "Nobody handles this yet: file it first.")
    check_cited(session, attachments, pointer="/attachments")
    row = session.create(
        Message,
        parties=case.party_ids,
        organisation_id=case.organisation_id,
        case_id=case.id,
        by_applicant=session.context.organisation_id is not None,
        text_digest=text.digest,
        attachments=plain(attachments),
    )
    session.publish(row, MessageSent(case=case.id, text=text))
    return row


def add_note(session: Session, key: UUID, *, text: str) -> Note:
    """For one's own colleagues alone."""
    case = session.one(Case, key)
    row = Note(id=uuid4(), case_id=case.id, author=session.context.actor_id, text=text)
    row.created_at = session.clock.now()
    session.add(row)
    return row
