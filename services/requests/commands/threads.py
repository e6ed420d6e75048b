"""What is said about a case: messages that all its parties read, and notes inside one jurisdiction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from events.canonical import plain
from events.requests import MessageSent
from events.text import FreeText
from services.requests.commands.moving import one_at_a_time
from services.requests.domain.questions import MOST_OPEN, check_answer, check_first, check_question
from services.requests.models import Case, Mention, Message, Note
from services.requests.models.threads import answered, unanswered
from shared.core.errors import ConflictError, Fault, InvalidError, RefusedError
from shared.files.citing import check_cited
from shared.journal.session import Session


def send_message(
    session: Session, key: UUID, *, text: FreeText, attachments: Sequence[Mapping[str, Any]], **said: Any
) -> Message:
    """To all parties of the case as they are now; a case that nobody handles yet has no thread.

    `said` are the `question` that it asks, which message it `answers`, and `mentions`, which stay inside.
    """
    case, by_applicant = session.one(Case, key), session.context.organisation_id is not None
    if case.number is None:
        raise ConflictError("not_filed", "申请尚未提交,没有沟通对象。", "Nobody handles this yet: file it first.")
    check_cited(session, attachments, pointer="/attachments")
    if said["question"] is not None or said["answers"] is not None:
        one_at_a_time(session, key)
    if said["question"] is not None:
        _check_asked(session, case, question=said["question"])
    if said["answers"] is not None:
        _check_answered(session, case, answers=said["answers"], text=text.text)
    english: FreeText | None = (said["question"] or {}).get("english")
    row = session.create(
        Message,
        parties=case.party_ids,
        organisation_id=case.organisation_id,
        case_id=case.id,
        by_applicant=by_applicant,
        text_digest=text.digest,
        attachments=plain(attachments),
        question=_kept(said["question"]),
        answers=said["answers"],
    )
    session.publish(row, MessageSent(case=case.id, text=text, english=english, answers=said["answers"]))
    _mention(session, case, people=said["mentions"], message=row.id)
    return row


def _check_asked(session: Session, case: Case, *, question: Mapping[str, Any]) -> None:
    check_question(question["kind"], question["choices"])
    here, by_applicant = session.context.tenant_id, session.context.organisation_id is not None
    if unanswered(session, [case]).get((case.id, here, by_applicant), 0) >= MOST_OPEN:
        raise ConflictError(
            "questions_many",
            f"贵方有 {MOST_OPEN} 个问题尚未得到回答。请等待回答后再提问。",
            f"{MOST_OPEN} questions of your side wait for an answer. Ask again once some are answered.",
        )


def _check_answered(session: Session, case: Case, *, answers: UUID, text: str) -> None:
    asked = session.get(Message, (session.context.tenant_id, answers))
    if asked is None or asked.case_id != case.id or asked.home_id not in case.concerned:
        zh, en = "本办件的沟通中没有这条消息。", "The thread of this case has no such message."
        raise InvalidError("message_unknown", zh, en, [Fault("/answers", zh, en)])
    check_answer(asked.question, text)
    by = session.context.tenant_id, session.context.organisation_id is not None
    is_answered = asked.id in answered(session, [case], among=[asked.id])
    check_first(is_answered=is_answered, asked_by=(asked.home_id, asked.by_applicant), by=by)


def _kept(question: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if question is None:
        return None
    english = question["english"]
    kept = {"kind": question["kind"], "choices": question["choices"], "english_digest": english and english.digest}
    return dict(plain(kept))


def add_note(session: Session, key: UUID, *, text: str, mentions: Collection[UUID]) -> Note:
    """For one's own colleagues alone; those it mentions find it among their notifications."""
    case = session.one(Case, key)
    row = Note(id=uuid4(), case_id=case.id, author=session.context.actor_id, text=text)
    row.created_at = session.clock.now()
    session.add(row)
    _mention(session, case, people=mentions, message=None)
    return row


def _mention(session: Session, case: Case, *, people: Collection[UUID], message: UUID | None) -> None:
    if people and session.context.organisation_id is not None:
        raise RefusedError(
            "mentions_officials",
            "只有工作人员可以提及同事。请去掉提及后发送。",
            "Officials alone mention their colleagues. Send it without.",
        )
    now, author = session.clock.now(), session.context.actor_id
    for person in sorted({str(one) for one in people}):
        row = Mention(id=uuid4(), case_id=case.id, message_id=message, person=person, author=author)
        row.created_at = now
        session.add(row)
