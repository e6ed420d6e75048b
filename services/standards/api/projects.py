"""Routes of projects, consultations and comments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.standards.api.routes import routes
from services.standards.commands import consultations, merging
from services.standards.commands import projects as commands
from services.standards.domain.scopes import READ, SIGN, WRITE
from services.standards.models import Comment, ConsultationRow, Project
from services.standards.queries import projects as queries
from services.standards.queries import standards
from services.standards.schemas import projects as schemas
from shared.http.countersigned import SignatureDraft, SignByDraft
from shared.http.declarations import Resource
from shared.http.fields.strict import ReasonDraft
from shared.http.requests import gate
from shared.http.resources import ResourceView

ALL = "/v1/projects"
OPEN = "/v1/public/consultations"
AN_OPEN = f"{OPEN}/<uuid:key>"
PROJECT = ResourceView(
    kind=Project, view=schemas.ProjectView, present=queries.present_projects, url=lambda row: f"{ALL}/{row.id}"
)
LINE = replace(PROJECT, view=schemas.ProjectLine)
COMMENT = ResourceView(kind=Comment, view=schemas.CommentView, present=queries.present_comments)
CONSULTATION = ResourceView(kind=ConsultationRow, view=schemas.ConsultationView, present=queries.present_consultations)
RECEIPT = ResourceView(kind=dict, view=schemas.ReceiptView)
projects = Resource(routes, ALL, PROJECT, read=READ, write=WRITE)
comments = Resource(
    routes,
    f"{projects.one}/comments",
    COMMENT,
    key="/<uuid:comment>",
    read=READ,
    write=WRITE,
    find=queries.comment_key,
)

projects.list(queries.projects, query=schemas.ProjectFilter, shown=LINE, summary="标准项目列表 / Projects")
projects.create(commands.open_project, draft=schemas.ProjectDraft, summary="立项 / Open a project")
projects.create(
    merging.merge_standards,
    draft=schemas.MergeDraft,
    rule=f"{ALL}/merged",
    summary="合并两项标准立项 / Merge two standards",
)
projects.get(summary="一个标准项目 / One project")
projects.revise(
    commands.revise_project,
    draft=schemas.ProjectRevision,
    actions=("revise", "amend"),
    summary="修改草案 / Revise the draft",
)
for run, draft, scope, summary in (
    (commands.number_project, schemas.NumberDraft, WRITE, "登记项目号与标准号 / Number"),
    (consultations.consult_project, schemas.ConsultationDraft, WRITE, "公开征求意见 / Consult"),
    (merging.refresh_project, schemas.RefreshDraft, WRITE, "重新合并 / Merge again"),
    (commands.present_project, SignByDraft, WRITE, "提交签署 / Present for signature"),
    (commands.sign_project, SignatureDraft, SIGN, "签署 / Sign"),
    (commands.refuse_project, ReasonDraft, SIGN, "拒绝签署 / Refuse"),
    (commands.abandon_project, ReasonDraft, WRITE, "终止项目 / Abandon"),
):
    projects.act(run, draft=draft, scope=scope, summary=summary)
projects.history(queries.history)

comments.get(queries.one_comment, summary="一条意见 / One comment")
comments.list(queries.comments, query=schemas.CommentFilter, order=queries.COMMENTS, summary="意见列表 / Comments")
projects.act(
    consultations.comment_project,
    draft=schemas.CommentDraft,
    shown=COMMENT,
    rule=comments.url,
    summary="提出意见 / Comment",
)
comments.act(consultations.answer_comment, draft=schemas.AnswerDraft, summary="答复意见 / Answer a comment")
projects.act(
    consultations.answer_comments,
    draft=schemas.AnswersDraft,
    rule=f"{comments.url}/answer",
    summary="一并答复多条意见 / Answer many comments at once",
)


def comment_publicly(key: UUID, **arguments: Any) -> dict[str, Any]:
    """Anybody's comment; nothing is kept of who made it."""
    with gate.database().cell_session() as session:
        row = queries.consultation(session, key)
        home, project = UUID(row.state["tenant"]), UUID(row.state["project_id"])
        of_round = int(row.state["comment_round"])
        standards.check_here(session, home, directory=gate.database().directory)
    with gate.public_session(home) as own:
        comment = consultations.comment_publicly(own, project, comment_round=of_round, **arguments)
        return {"id": comment.id, "consultation": key, "received_at": comment.created_at}


routes.public_list(
    OPEN,
    queries.open_consultations,
    query=schemas.ConsultationFilter,
    shown=replace(CONSULTATION, view=schemas.ConsultationLine),
    name="list_consultations",
    summary="正在征求意见的草案 / Drafts open for comment",
)
routes.public(
    AN_OPEN,
    queries.consultation,
    shown=CONSULTATION,
    of_register=True,
    name="show_consultation",
    summary="一份征求意见的草案 / One draft open for comment",
)
routes.public(
    f"{AN_OPEN}/comments",
    comment_publicly,
    shown=RECEIPT,
    draft=schemas.CommentDraft,
    summary="公众提出意见 / Comment publicly",
)
