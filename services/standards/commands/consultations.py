"""Writes of consultations: opened and closed, comments made by parties and by anybody, and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from events.standards import (
    CommentAnswered,
    CommentMade,
    ConsultationClosed,
    ConsultationOpened,
    ProjectConsultationClosed,
    ProjectConsultationOpened,
)
from events.text import FreeText
from services.standards.domain import projects as rules
from services.standards.domain.lifecycles import COMMENT_LIFECYCLE, CONSULTATION_LIFECYCLE, PROJECT_LIFECYCLE
from services.standards.models import Comment, Consultation, Project, consultation_id, consultation_nonce
from services.standards.models.registered import comments_on
from shared.commands.registry import command
from shared.core.calendar import day_of, end_of
from shared.journal.entries import TextRow
from shared.journal.session import Session
from shared.journal.timers import cancel, schedule, timer

CLOSE = "standards.consultation.close"
LAID_OPEN = ("standard_kind", "title_zh", "title_en", "subject", "issuers", "text", "sheet", "comment_round")


@command("standards.project.consult", Project)
def consult_project(session: Session, project_id: UUID, *, closes_on: date) -> Project:
    """Lay the draft open for anybody's comments until the end of a day."""
    project = session.locked(Project, project_id)
    PROJECT_LIFECYCLE.move(project, "consult")
    rules.check_content(project.text, project.sheet)
    rules.check_closing(closes_on, today=day_of(session.clock.now()))
    project.comment_round += 1
    project.comments_until = closes_on
    session.publish(project, ProjectConsultationOpened(round=project.comment_round, closes_on=closes_on))
    consultation = session.create(
        Consultation,
        parties=project.party_ids,
        nonce=consultation_nonce(project.id, project.comment_round),
        state=CONSULTATION_LIFECYCLE.initial,
        project_id=project.id,
        tenant=project.home_id,
        opened_at=session.clock.now(),
        closes_on=closes_on,
        **{name: getattr(project, name) for name in LAID_OPEN},
    )
    session.publish(consultation, ConsultationOpened())
    schedule(session, CLOSE, aggregate=consultation.id, due_at=end_of(closes_on))
    return project


@timer(CLOSE)
def close_on_its_day(session: Session, key: UUID, _params: Mapping[str, Any]) -> None:
    """The term is over: the draft goes back to its parties, who answer what was said."""
    project = session.locked(Project, session.one(Consultation, key).project_id)
    PROJECT_LIFECYCLE.move(project, "close_consultation")
    session.publish(project, ProjectConsultationClosed(round=project.comment_round))
    close_consultation(session, project)


def close_consultation(session: Session, project: Project) -> None:
    """No more comments on the round that is open; `project` is locked, and publishes its own part."""
    consultation = session.locked(Consultation, consultation_id(project))
    CONSULTATION_LIFECYCLE.move(consultation, "close")
    session.publish(consultation, ConsultationClosed())
    cancel(session, CLOSE, aggregate=consultation.id)


@command("standards.project.comment", Project)
def comment_project(session: Session, project_id: UUID, *, text: FreeText, clause: str | None) -> Comment:
    """A party's comment on the draft that is laid open."""
    return _commented(session, project_id, author=session.context.party, text=text, clause=clause)


def comment_publicly(
    session: Session, project_id: UUID, *, comment_round: int, text: FreeText, clause: str | None
) -> Comment:
    """The same from somebody whom nobody knows, on the draft of this round; the session is home's."""
    project = session.locked(Project, project_id)
    rules.check_round(project.comment_round, asked=comment_round)
    PROJECT_LIFECYCLE.target(project.state, "comment")
    # What the public said in this round already, word for word: a form that is sent again is kept once.
    # By the text itself, not by an id made of it: a hash of the words would outlive their erasure.
    said = select(Comment).join(TextRow, (TextRow.aggregate_id == Comment.id) & (TextRow.digest == Comment.text_digest))
    of_public = *_of_round(project, None), Comment.clause.is_not_distinct_from(clause), TextRow.text == text.text
    kept = session.scalars(said.where(*of_public).limit(1)).first()
    return kept or _commented(session, project_id, author=None, text=text, clause=clause)


def _of_round(project: Project, author: UUID | None) -> tuple[ColumnElement[bool], ...]:
    """Comments of this author, or of the public, on the draft that was laid open last."""
    of_author = Comment.author.is_not_distinct_from(author)
    return *comments_on(project), Comment.comment_round == project.comment_round, of_author


def _commented(
    session: Session, project_id: UUID, *, author: UUID | None, text: FreeText, clause: str | None
) -> Comment:
    # Under the project's lock, so that none comes after the end of the term, nor more than there is room for.
    project = session.locked(Project, project_id)
    PROJECT_LIFECYCLE.target(project.state, "comment")
    made = select(func.count()).select_from(Comment).where(*_of_round(project, author))
    rules.check_room(session.scalar(made) or 0, is_public=author is None)
    comment = session.create(
        Comment,
        parties=project.party_ids,
        state=COMMENT_LIFECYCLE.initial,
        project_id=project.id,
        comment_round=project.comment_round,
        author=author,
        clause=clause,
        text_digest=text.digest,
        verdict=None,
        answer_digest=None,
    )
    session.publish(comment, CommentMade(text=text, clause=clause))
    return comment


@command("standards.comment.answer", Comment)
def answer_comment(session: Session, comment_id: UUID, *, verdict: str, answer: FreeText) -> Comment:
    """What the lead makes of a comment."""
    comment = session.locked(Comment, comment_id)
    COMMENT_LIFECYCLE.move(comment, "answer")
    rules.check_lead(session.context.party, comment.home_id)
    comment.verdict, comment.answer_digest = verdict, answer.digest
    session.publish(comment, CommentAnswered(verdict=verdict, answer=answer))
    return comment


@command("standards.project.answer_comments", Project)
def answer_comments(
    session: Session, project_id: UUID, *, comments: Sequence[UUID] | None, verdict: str, answer: FreeText
) -> Project:
    """The lead's one answer to many comments; to the oldest of the public's that are open where none are named."""
    project = session.locked(Project, project_id)
    rules.check_lead(session.context.party, project.home_id)
    chosen = Comment.author.is_(None) if comments is None else Comment.id.in_(comments)
    left = select(Comment.id).where(*comments_on(project), Comment.state == "open", chosen)
    # In the order in which they are locked, under the project's lock.
    keys = session.scalars(left.order_by(Comment.created_at, Comment.id).limit(rules.MOST_ANSWERED)).all()
    found = [session.locked(Comment, key) for key in keys]
    rules.check_comments(comments or (), [row.id for row in found])
    changes: list[tuple[Comment, CommentAnswered]] = []
    for row in found:
        COMMENT_LIFECYCLE.move(row, "answer")
        # Each with its own salt, so that the erasure of one answer leaves nothing to tell it by.
        own = FreeText(answer.text)
        row.verdict, row.answer_digest = verdict, own.digest
        changes.append((row, CommentAnswered(verdict=verdict, answer=own)))
    session.publish_all(changes)
    return project
