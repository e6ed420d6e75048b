"""What is said about cases: whom of one's own people it mentions, and which questions are answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, exists, func, or_, select, tuple_
from sqlalchemy.orm import Mapped, aliased, mapped_column

from services.requests.models.cases import SCHEMA, Case, Message
from shared.database.rows import TenantRow
from shared.journal.session import Session


class Mention(TenantRow):
    """A person of this tenant is to read a message, or else a note, about a case; in no event, and told to nobody else.

    `organisation_id` is nobody's: an organisation's people see none of them.
    """

    __tablename__ = "mentions"
    __table_args__ = SCHEMA
    called = "提及 / mention"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    message_id: Mapped[UUID | None]
    person: Mapped[str]
    author: Mapped[str]
    created_at: Mapped[datetime]
    organisation_id: Mapped[UUID | None]


def has_answer(cases: Sequence[Case]) -> Exists:
    """Whether another side of its case has answered a message: an answer to oneself is none, nor is a stranger's."""
    answer = aliased(Message)
    others = or_(answer.home_id != Message.home_id, answer.by_applicant != Message.by_applicant)
    here = answer.tenant_id == Message.tenant_id, answer.case_id == Message.case_id
    return exists().where(*here, answer.answers == Message.id, others, _is_of_side(answer, cases))


def answered(session: Session, cases: Sequence[Case], *, among: Collection[UUID]) -> set[UUID]:
    """Which of these messages in threads of the cases have an answer."""
    return set(session.scalars(select(Message.id).where(Message.id.in_(among), has_answer(cases))))


def unanswered(session: Session, cases: Sequence[Case]) -> dict[tuple[UUID, UUID, bool], int]:
    """How many questions nobody has answered, by case, tenant that asks and whether the applicant's people do."""
    side = Message.case_id, Message.home_id, Message.by_applicant
    is_question = Message.question["kind"].astext.is_not(None)
    query = select(*side, func.count()).where(_is_of_side(Message, cases), is_question, ~has_answer(cases))
    return {(case, home, own): number for case, home, own, number in session.execute(query.group_by(*side))}


def _is_of_side(message: type[Message], cases: Sequence[Case]) -> ColumnElement[bool]:
    """Whether one of them has, or had, to do with the case: anybody may send something about it."""
    return tuple_(message.case_id, message.home_id).in_(
        [(case.id, tenant) for case in cases for tenant in sorted(case.concerned)]
    )
