"""Routes of common sheets of several tenants, and of the items that follow them."""

from __future__ import annotations

from services.requests.api.items import items
from services.requests.api.routes import routes
from services.requests.commands import common as commands
from services.requests.domain.scopes import DECIDE, READ, SIGN
from services.requests.models import CommonRevision, CommonSheet
from services.requests.queries import common as queries
from services.requests.schemas import common as schemas
from shared.http.countersigned import SignatureDraft
from shared.http.declarations import Resource
from shared.http.fields.strict import ReasonDraft
from shared.http.names import named
from shared.http.resources import ResourceView

ALL = "/v1/common-sheets"
COMMON = ResourceView(
    kind=CommonSheet, view=schemas.CommonSheetView, present=queries.present_sheets, url=lambda row: f"{ALL}/{row.id}"
)
REVISION = ResourceView(
    kind=CommonRevision,
    view=schemas.CommonRevisionView,
    present=queries.present_revisions,
    url=lambda row: f"{ALL}/{row.common_id}/revisions/{row.revision}",
)
named("common_sheet", zh="共同规则表", en="common sheet", scope=READ)(queries.sheet_names)
named("common_revision", zh="共同规则表版次", en="revision of a common sheet", scope=READ)(queries.revision_names)
sheets = Resource(routes, ALL, COMMON, subject="common_sheet", read=READ, write=DECIDE)
revisions = Resource(
    routes,
    f"{sheets.one}/revisions",
    REVISION,
    key="/<number:revision>",
    subject="common_revision",
    read=READ,
    write=DECIDE,
    find=queries.revision_key,
)

sheets.list(queries.sheets, query=schemas.CommonSheetFilter, summary="共同规则表 / Common sheets")
sheets.create(
    commands.begin_common_sheet, draft=schemas.CommonSheetDraft, summary="建立共同规则表 / Begin a common sheet"
)
sheets.get(summary="一个共同规则表 / One common sheet")
sheets.act(
    commands.propose_common_revision,
    draft=schemas.CommonRevisionDraft,
    rule=revisions.url,
    actions=("propose_revision",),
    shown=REVISION,
    summary="提出规则表 / Propose a revision",
)
revisions.list(
    queries.revisions,
    query=schemas.CommonRevisionFilter,
    name="list_common_revisions",
    summary="共同规则表各版 / Revisions",
)
revisions.get(queries.revision, summary="一版共同规则表 / One revision")
revisions.revise(
    commands.amend_common_revision, draft=schemas.CommonRevisionAmendment, summary="修改共同规则表 / Amend a revision"
)
for run, draft, scope, summary in (
    (commands.sign_common_revision, SignatureDraft, SIGN, "签署共同规则表 / Sign a revision"),
    (commands.refuse_common_revision, ReasonDraft, SIGN, "拒绝共同规则表 / Refuse a revision"),
    (commands.withdraw_common_revision, ReasonDraft, DECIDE, "撤回共同规则表 / Withdraw a revision"),
):
    revisions.act(run, draft=draft, scope=scope, summary=summary)
sheets.history(queries.history)
items.act(commands.follow_common, draft=schemas.FollowDraft, summary="采用共同规则表 / Follow a common sheet")
items.act(commands.unfollow_common, summary="停止采用共同规则表 / Follow it no more")
