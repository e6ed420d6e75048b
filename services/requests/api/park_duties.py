"""Routes of the duty tables of parks, and of the matters that are raised about parks."""

from __future__ import annotations

from services.requests.api.cases import ALL as CASES
from services.requests.api.cases import cases
from services.requests.api.routes import routes
from services.requests.commands import matters
from services.requests.commands import park_duties as commands
from services.requests.domain.scopes import DECIDE, FILE, OF_PARK, SIGN
from services.requests.models import DutyRevision, DutyTable
from services.requests.queries import park_duties as queries
from services.requests.schemas import park_duties as schemas
from shared.http.countersigned import SignatureDraft
from shared.http.declarations import Resource
from shared.http.fields.strict import ReasonDraft
from shared.http.names import named
from shared.http.resources import ResourceView

ALL = "/v1/park-duties"
TABLE = ResourceView(
    kind=DutyTable, view=schemas.DutyTableView, present=queries.present_tables, url=lambda row: f"{ALL}/{row.id}"
)
REVISION = ResourceView(
    kind=DutyRevision,
    view=schemas.DutyRevisionView,
    present=queries.present_revisions,
    url=lambda row: f"{ALL}/{row.table_id}/revisions/{row.revision}",
)
named("duty_table", zh="园区分工表", en="duty table of a park", scope=OF_PARK)(queries.table_names)
named("duty_revision", zh="分工表版次", en="revision of a duty table", scope=OF_PARK)(queries.revision_names)
tables = Resource(routes, ALL, TABLE, subject="duty_table", read=OF_PARK, write=DECIDE)
revisions = Resource(
    routes,
    f"{tables.one}/revisions",
    REVISION,
    key="/<number:revision>",
    subject="duty_revision",
    read=OF_PARK,
    write=DECIDE,
    find=queries.revision_key,
)

tables.list(queries.tables, query=schemas.DutyTableFilter, summary="园区分工表 / Duty tables of parks")
tables.create(
    commands.begin_duty_table,
    draft=schemas.DutyTableDraft,
    summary="建立园区分工表 / Begin the duty table of a park",
)
tables.get(summary="一个园区分工表 / One duty table")
tables.act(
    commands.propose_duty_revision,
    draft=schemas.DutyRevisionDraft,
    rule=revisions.url,
    actions=("propose_revision",),
    shown=REVISION,
    summary="提出分工表 / Propose a revision",
)
revisions.list(
    queries.revisions, query=schemas.DutyRevisionFilter, name="list_duty_revisions", summary="分工表各版 / Revisions"
)
revisions.get(queries.revision, summary="一版分工表 / One revision")
revisions.revise(
    commands.amend_duty_revision, draft=schemas.DutyRevisionAmendment, summary="修改分工表 / Amend a revision"
)
revisions.act(commands.sign_duty_revision, draft=SignatureDraft, scope=SIGN, summary="签署分工表 / Sign a revision")
revisions.act(commands.refuse_duty_revision, draft=ReasonDraft, scope=SIGN, summary="拒绝分工表 / Refuse a revision")
revisions.act(commands.withdraw_duty_revision, draft=ReasonDraft, summary="撤回分工表 / Withdraw a revision")
tables.history(queries.history)
cases.create(
    matters.raise_matter,
    draft=schemas.MatterDraft,
    rule=f"{CASES}/matters",
    scope=FILE,
    by="office",
    summary="提出园区事项 / Raise a matter of a park",
)
