"""Projects, their comments and their consultations: lists, what the views show, and what a history is made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import any_, func, select, tuple_
from sqlalchemy.orm import Session as AnySession

from services.standards.domain import projects as rules
from services.standards.models import Comment, Consultation, ConsultationRow, Project, Standard, consultation_id
from services.standards.models.registered import comments_on, registered
from shared.core.errors import NotFoundError
from shared.database.lists import Filters, ListQuery, conditions
from shared.database.pages import Order, Page, PageRequest, at_or_after, in_order
from shared.database.rows import Aggregate
from shared.http.attributes import attributes_of
from shared.journal.session import Session
from shared.journal.work import waits_for_us
from shared.replication.delivery import order_of
from shared.text.matching import is_called, sounds_like_all

projects = ListQuery(
    Project,
    order_of(Project, "title_zh", "effective_from"),
    {
        "state": Project.state,
        "kind": Project.standard_kind,
        "subject": lambda value: is_called(Project.subject, value),
        "q": lambda value: sounds_like_all(Project.folded, value),
        "to_sign": lambda value: waits_for_us(Project, wanted=value),
        "issuer": lambda value: value == any_(Project.party_ids),
    },
)
"""Those of which the tenant is an issuer, newest first."""
COMMENTS = order_of(Comment, "comment_round")
open_consultations = ListQuery(
    ConsultationRow,
    Order(
        {"id": ConsultationRow.id, "received_at": ConsultationRow.received_at},
        "id",
        (ConsultationRow.id,),
        at_or_after(ConsultationRow.received_at),
    ),
    {"tenant": lambda value: ConsultationRow.state["tenant"].astext == str(value)},
    visible=lambda _session: [ConsultationRow.status == "open"],
)
"""The drafts that are open for comment now, as the register knows them."""
MOST_IN_HISTORY = 200
"""Newest comments whose journals stand in a project's history; the others are in the list of comments."""


def present_projects(session: Session, rows: Sequence[Project]) -> list[dict[str, Any]]:
    """What the project's views show."""
    of_these = tuple_(Comment.project_id, Comment.home_id).in_([(row.id, row.home_id) for row in rows])
    open_ones = select(Comment.project_id, func.count()).where(of_these, Comment.state == "open")
    unanswered = dict(session.execute(open_ones.group_by(Comment.project_id)).all())
    merged = {row.id: row.merged_from for row in rows if row.state in rules.OPEN}
    known = registered(session, (UUID(source["standard"]) for found in merged.values() for source in found))
    states, now = {key: row.state for key, row in known.items()}, session.clock.now()
    stale = {row.id: rules.stale_sources(merged.get(row.id, ()), states, moment=now) for row in rows}
    return [
        {
            **shown,
            "consultation": consultation_id(row) if row.comment_round else None,
            "unanswered": unanswered.get(row.id, 0),
            "stale": bool(stale[row.id]),
            "stale_sources": stale[row.id],
            "missing_signatures": row.missing_signatures if row.state == "signing" else [],
            "allowed_actions": _possible(session, row, unanswered=unanswered.get(row.id, 0)),
        }
        for row, shown in zip(rows, attributes_of(session, rows), strict=True)
    ]


def _possible(session: Session, row: Project, *, unanswered: int) -> Collection[str]:
    context = session.context
    if context.party not in row.party_ids:
        return []
    signs = str(context.party) in row.missing_signatures
    leads = context.party == row.home_id
    merged = bool(row.merged_from)
    return rules.allowed_actions(row.state, leads=leads, signs=signs, merged=merged, unanswered=unanswered)


def comments(session: Session, filters: Mapping[str, Any], *, paging: PageRequest, key: UUID) -> Page:
    """The comments on a project's draft, newest first; raises `NotFoundError` for an unknown project."""
    project = session.one(Project, key)
    known: Filters = {
        "state": Comment.state,
        "round": Comment.comment_round,
        "origin": lambda value: Comment.author.is_(None) if value == "public" else Comment.author.is_not(None),
    }
    query = select(Comment).where(*comments_on(project), *conditions(known, filters))
    return in_order(session, query, order=COMMENTS, paging=paging)


def one_comment(session: Session, key: UUID, *, comment: UUID) -> Comment:
    """One comment; raises `NotFoundError` unless it is one on this project."""
    row = session.one(Comment, comment)
    if (row.project_id, row.home_id) != (key, session.one(Project, key).home_id):
        raise NotFoundError.of(Comment.called, comment)
    return row


def comment_key(session: Session, key: UUID, *, comment: UUID) -> UUID:
    """Its id; raises the same."""
    return one_comment(session, key, comment=comment).id


def present_comments(session: Session, rows: Sequence[Comment]) -> list[dict[str, Any]]:
    """What the comment's view shows."""
    found = zip(rows, attributes_of(session, rows), strict=True)
    party = session.context.party
    return [
        {**shown, "allowed_actions": ["answer"] if (row.state == "open" and row.home_id == party) else []}
        for row, shown in found
    ]


def history(session: Session, key: UUID) -> list[Aggregate]:
    """The project, the standard it led to, its consultations and its newest comments; raises `NotFoundError`."""
    project = session.one(Project, key)
    # Of the project's own home alone: anybody can make a thing that names this project.
    standards = session.scalars(select(Standard).where(Standard.project_id == key, Standard.home_id == project.home_id))
    own = Consultation.project_id == key, Consultation.home_id == project.home_id
    opened = select(Consultation).where(*own).order_by(Consultation.comment_round.desc())
    said = select(Comment).where(*comments_on(project)).order_by(Comment.created_at.desc(), Comment.id.desc())
    consultations = session.scalars(opened.limit(MOST_IN_HISTORY))
    return [project, *standards, *consultations, *session.scalars(said.limit(MOST_IN_HISTORY))]


def consultation(session: AnySession, key: UUID) -> ConsultationRow:
    """One draft that is, or was, open for comment; raises `NotFoundError`."""
    row = session.get(ConsultationRow, key)
    if row is None:
        raise NotFoundError.of(Consultation.called, key)
    return row


def present_consultations(_session: Any, rows: Sequence[ConsultationRow]) -> list[dict[str, Any]]:
    """What anybody sees of drafts."""
    return [{**row.state, "id": row.id} for row in rows]
