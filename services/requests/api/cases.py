"""Routes of cases: what an applicant does, and what the handler does."""

from __future__ import annotations

from services.requests.api.routes import routes
from services.requests.commands import cases as filing
from services.requests.commands import dates, handling, parts
from services.requests.domain.scopes import DECIDE, FILE, READ, WRITE
from services.requests.models import Case
from services.requests.queries import cases as queries
from services.requests.queries.scoreboard import scoreboard
from services.requests.schemas import cases as schemas
from services.requests.schemas import parts as part_schemas
from services.requests.schemas.scoreboard import ScoreboardFilter, ScoreboardView
from shared.http.declarations import Resource
from shared.http.fields.strict import Nothing, ReasonDraft
from shared.http.names import named
from shared.http.resources import ResourceView

ALL = "/v1/requests"
CASE = ResourceView(kind=Case, view=schemas.CaseView, present=queries.present_cases, url=lambda row: f"{ALL}/{row.id}")
named("case", zh="办件", en="case", scope=READ)(queries.case_names)
cases = Resource(routes, ALL, CASE, read=READ, write=WRITE)

cases.list(queries.cases, query=schemas.CaseFilter, order=queries.ORDER, summary="办件 / Cases", name="list_cases")
cases.create(filing.draft_case, draft=schemas.CaseDraft, scope=FILE, summary="填写申请 / Begin an application")
cases.get(summary="一个办件 / One case")
cases.revise(filing.revise_case, draft=schemas.CaseRevision, scope=FILE, summary="修改申请 / Change an application")
for run, draft, scope, summary in (
    (filing.file_case, Nothing, FILE, "提交申请 / File a case"),
    (filing.supplement_case, schemas.CaseRevision, FILE, "补正 / Supply what was asked for"),
    (filing.withdraw_case, Nothing, FILE, "撤回申请 / Withdraw a case"),
    (filing.close_case, Nothing, FILE, "确认办结 / Close a case"),
    (filing.reopen_case, ReasonDraft, FILE, "要求重新办理 / Have a case reopened"),
    (handling.return_case, schemas.ReturnDraft, WRITE, "一次告知补正 / Ask for papers, once"),
    (handling.forward_case, schemas.ForwardDraft, WRITE, "转办 / Forward a case"),
    (handling.assign_case, schemas.AssignmentDraft, DECIDE, "确定承办方 / Decide who handles a case"),
    (handling.accept_case, Nothing, WRITE, "受理 / Accept a case"),
    (handling.pause_case, schemas.PauseDraft, WRITE, "暂停计时 / Stop the clock"),
    (handling.resume_case, Nothing, WRITE, "恢复计时 / Let the clock go on"),
    (handling.extend_case, schemas.ExtensionDraft, DECIDE, "延长期限 / Extend the term"),
    (parts.split_case, part_schemas.SplitDraft, WRITE, "分办 / Split a case into parts"),
    (parts.finish_part, part_schemas.PartResultDraft, WRITE, "完成分办事项 / Finish a part"),
    (parts.hand_back_part, part_schemas.PartReturnDraft, WRITE, "退回分办事项 / Hand a part back"),
    (parts.readdress_part, part_schemas.PartMoveDraft, WRITE, "改派分办事项 / Give a part to another"),
    (dates.propose_date, schemas.DateDraft, FILE, "提出答复日期 / Propose a date for the answer"),
    (dates.agree_date, schemas.AgreementDraft, FILE, "接受答复日期 / Agree to the date"),
    (handling.decide_case, schemas.DecisionDraft, DECIDE, "作出决定 / Decide a case"),
    (handling.deliver_case, Nothing, WRITE, "送达 / Deliver the decision"),
):
    cases.act(run, draft=draft, scope=scope, summary=summary)
cases.history()
cases.get(
    scoreboard,
    query=ScoreboardFilter,
    shown=ResourceView(kind=dict, view=ScoreboardView),
    rule=f"{ALL}/scoreboard",
    by="office",
    name="show_scoreboard",
    summary="期限遵守情况 / How terms are kept",
)
