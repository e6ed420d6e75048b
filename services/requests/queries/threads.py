"""The thread of a case and the notes of one's own jurisdiction, oldest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.requests.models import Case, Mention, Message, Note
from services.requests.models.threads import has_answer
from shared.database.lists import ListQuery
from shared.database.pages import Order, Page, PageRequest, at_or_after, in_order
from shared.evidence.texts import texts
from shared.http.attributes import attributes_of
from shared.http.names import Name
from shared.journal.session import Session
from shared.replication.delivery import order_of

MESSAGES = order_of(Message, default="created_at")
notes = ListQuery(
    Note,
    Order({"created_at": Note.created_at}, "created_at", (Note.id,), at_or_after(Note.created_at)),
    under=(Case, Note.case_id),
)


mentions = ListQuery(
    Mention,
    Order({"created_at": Mention.created_at}, "created_at", (Mention.id,), at_or_after(Mention.created_at)),
    visible=lambda session: [Mention.person == session.context.actor_id],
)
"""Those of the reader."""


def messages(session: Session, filters: Mapping[str, Any], *, paging: PageRequest, key: UUID) -> Page:
    """Those of whoever has, or had, to do with the case: what anybody else sends about it is in no thread."""
    case = session.one(Case, key)
    query = select(Message).where(Message.case_id == key, Message.home_id.in_(case.concerned))
    if filters.get("unanswered") is not None:
        is_open = Message.question["kind"].astext.is_not(None) & ~has_answer([case])
        query = query.where(is_open if filters["unanswered"] else ~is_open)
    return in_order(session, query, order=MESSAGES, paging=paging)


def present_messages(session: Session, rows: Sequence[Message]) -> list[dict[str, Any]]:
    """With their texts; an erased one has none."""
    found = texts(session, [(row.id, row.text_digest) for row in rows])
    return [
        {**attributes, "text": found.get((row.id, row.text_digest))}
        for row, attributes in zip(rows, attributes_of(session, rows), strict=True)
    ]


def message_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By the numbers of their cases."""
    query = select(Message.id, Case.number, Message.case_id).join(Case, Case.id == Message.case_id)
    found = session.execute(query.where(Message.id.in_(ids), Case.tenant_id == Message.tenant_id))
    return {key: Name(f"{number} 的沟通", f"Message on {number}", within=case) for key, number, case in found}
