"""Routes of projects, consultations and comments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session as AnySession

from services.standards.api.routes import routes
from services.standards.commands import consultations, merging
from services.standards.commands import projects as commands
from services.standards.domain.scopes import READ, SIGN, WRITE
from services.standards.models import Comment, ConsultationRow, Project
from services.standards.queries import projects, standards
from services.standards.schemas import projects as schemas
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import ReasonDraft
from shared.http.lists.pages import PageFilter
from shared.http.lists.signing import SignatureDraft, SignByDraft
from shared.http.requests import gate
from shared.http.resources import ResourceView
from shared.journal.session import Session

ALL = "/v1/projects"
ONE = f"{ALL}/<uuid:key>"
COMMENTS = f"{ONE}/comments"
OPEN = "/v1/public/consultations"
AN_OPEN = f"{OPEN}/<uuid:key>"
PROJECT = ResourceView(
    kind=Project, view=schemas.ProjectView, present=projects.present_projects, url=lambda row: f"{ALL}/{row.id}"
)
LINE = ResourceView(kind=Project, view=schemas.ProjectLine, present=projects.present_projects)
COMMENT = ResourceView(kind=Comment, view=schemas.CommentView, present=projects.present_comments)
CONSULTATION = ResourceView(
    kind=ConsultationRow, view=schemas.ConsultationView, present=projects.present_consultations
)  # fmt: skip
OPENED = ResourceView(kind=dict, view=schemas.ConsultationList)
RECEIPT = ResourceView(kind=dict, view=schemas.ReceiptView)


@routes.list(ALL, LINE, scope=READ, summary="标准项目列表 / Projects", query=schemas.ProjectFilter,
             order=projects.PROJECTS)  # fmt: skip
def list_projects(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Projects that the caller's tenant drafts, alone or with others, newest first."""
    return projects.projects(session, filters, paging=paging)


@routes.create(ALL, PROJECT, scope=WRITE, summary="立项 / Open a project", draft=schemas.ProjectDraft)
def open_project(session: Session, **arguments: Any) -> Project:
    """A standard to be drafted, led by the caller's tenant."""
    return commands.open_project(session, **arguments)


@routes.create(
    f"{ALL}/merged", PROJECT, scope=WRITE, summary="合并两项标准立项 / Merge two standards", draft=schemas.MergeDraft
)
def merge_standards(session: Session, left: UUID, right: UUID, **arguments: Any) -> Project:
    """A joint project with one sheet made of two."""
    return merging.merge_standards(session, sources=(left, right), **arguments)


@routes.get(ONE, PROJECT, scope=READ, summary="一个标准项目 / One project")
def show_project(session: Session, key: UUID) -> Project:
    """One project."""
    return session.one(Project, key)


for method, action, run, text, draft, scope in (
    ("PATCH", "", commands.revise_project, "修改草案 / Revise the draft", schemas.ProjectRevision, WRITE),
    ("POST", "/number", commands.number_project, "登记项目号与标准号 / Number", schemas.NumberDraft, WRITE),
    ("POST", "/consult", consultations.consult_project, "公开征求意见 / Consult", schemas.ConsultationDraft, WRITE),
    ("POST", "/refresh", merging.refresh_project, "重新合并 / Merge again", schemas.RefreshDraft, WRITE),
    ("POST", "/present", commands.present_project, "提交签署 / Present for signature", SignByDraft, WRITE),
    ("POST", "/sign", commands.sign_project, "签署 / Sign", SignatureDraft, SIGN),
    ("POST", "/refuse", commands.refuse_project, "拒绝签署 / Refuse", ReasonDraft, SIGN),
    ("POST", "/abandon", commands.abandon_project, "终止项目 / Abandon", ReasonDraft, WRITE),
):
    routes.act(method, f"{ONE}{action}", run=run, shown=PROJECT, scope=scope, summary=text, draft=draft)
routes.history(ONE, PROJECT, scope=READ, of=projects.history)


@routes.list(COMMENTS, COMMENT, scope=READ, summary="意见列表 / Comments", query=schemas.CommentFilter,
             order=projects.COMMENTS)  # fmt: skip
def list_comments(session: Session, filters: dict[str, Any], paging: PageRequest, key: UUID) -> Page:
    """The comments on a project's draft, newest first."""
    return projects.comments(session, key, filters=filters, paging=paging)


routes.act(
    "POST", COMMENTS, run=consultations.comment_project, shown=COMMENT, scope=WRITE, summary="提出意见 / Comment",
    draft=schemas.CommentDraft,
)  # fmt: skip
routes.act(
    "POST", f"{COMMENTS}/<uuid:comment>/answer", run=consultations.answer_comment, shown=COMMENT, scope=WRITE,
    summary="答复意见 / Answer a comment", draft=schemas.AnswerDraft, find=projects.comment_key,
)  # fmt: skip
routes.act(
    "POST", f"{COMMENTS}/answer", run=consultations.answer_comments, shown=PROJECT, scope=WRITE,
    summary="一并答复多条意见 / Answer many comments at once", draft=schemas.AnswersDraft,
)  # fmt: skip


def list_consultations(session: AnySession, cursor: str | None, limit: int) -> dict[str, Any]:
    """All of the platform."""
    page = projects.open_consultations(session, paging=PageRequest(cursor, limit))
    return {"items": projects.present_consultations(session, page.rows), "next": page.next}


def comment_publicly(key: UUID, **arguments: Any) -> dict[str, Any]:
    """Anybody's comment; nothing is kept of who made it."""
    with gate.database().cell_session() as session:
        row = projects.consultation(session, key)
        home, project = UUID(row.state["tenant"]), UUID(row.state["project_id"])
        of_round = int(row.state["comment_round"])
        standards.check_here(session, home, directory=gate.database().directory)
    with gate.public_session(home) as own:
        comment = consultations.comment_publicly(own, project, comment_round=of_round, **arguments)
        return {"id": comment.id, "consultation": key, "received_at": comment.created_at}


routes.public(
    OPEN, list_consultations, shown=OPENED, summary="正在征求意见的草案 / Drafts open for comment", query=PageFilter
)
routes.public(
    AN_OPEN, projects.consultation, shown=CONSULTATION, name="show_consultation",
    summary="一份征求意见的草案 / One draft open for comment",
)  # fmt: skip
routes.public(
    f"{AN_OPEN}/comments", comment_publicly, shown=RECEIPT, draft=schemas.CommentDraft,
    summary="公众提出意见 / Comment publicly",
)  # fmt: skip
