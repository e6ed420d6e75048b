"""Routes of the parks service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.parks import schemas
from services.parks.commands import agreements, dissolving, entry_rules
from services.parks.commands import parks as commands
from services.parks.models import Agreement, Park
from services.parks.queries import names, parks
from shared.core.errors import NotFoundError
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing, ReasonDraft
from shared.http.lists.signing import SignatureDraft
from shared.http.names import named
from shared.http.resources import ResourceView
from shared.http.routes import Routes
from shared.journal.session import Session

routes = Routes("parks")
PARK = ResourceView(
    kind=Park, view=schemas.ParkView, present=parks.present_parks, url=lambda row: f"/v1/parks/{row.id}"
)
OWN_PARK = ResourceView(kind=Park, view=schemas.OwnParkView, present=parks.present_own_parks)
AGREEMENT = ResourceView(
    kind=Agreement,
    view=schemas.AgreementView,
    present=parks.present_agreements,
    url=lambda row: f"/v1/parks/{row.park_id}/agreements/{row.revision}",
)
ALL = "/v1/parks"
ONE = f"{ALL}/<uuid:key>"
REVISIONS = f"{ONE}/agreements"
REVISION = f"{REVISIONS}/<number:revision>"
READ, WRITE, SIGN = "parks:read", "parks:write", "parks:sign"
named("park", zh="园区", en="park", scope=READ)(names.park_names)
named("agreement", zh="协议", en="agreement", scope=READ)(names.agreement_names)


@routes.list(ALL, PARK, scope=READ, summary="园区列表 / Parks", query=schemas.ParkFilter,
             order=parks.PARKS)  # fmt: skip
def list_parks(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Parks of which the caller's tenant is a party, newest first."""
    return parks.parks(session, filters, paging=paging)


@routes.list(
    "/v1/own/parks", OWN_PARK, scope="own:read", summary="可供本组织入驻的园区 / Parks open to the own organisation",
    query=schemas.OwnParkFilter, order=parks.PARKS,
)  # fmt: skip
def list_own_parks(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """For an organisation's people: the active and suspended parks of their tenant, with what these ask of residents.

    Who has settled where is not kept yet, so that all of them are listed.
    """
    return parks.own_parks(session, filters, paging=paging)


@routes.create(ALL, PARK, scope=WRITE, summary="起草园区 / Draft a park", draft=schemas.ParkDraft)
def create_park(session: Session, **arguments: Any) -> Park:
    """A new park whose home is the caller's tenant."""
    return commands.draft_park(session, **arguments)


@routes.get(ONE, PARK, scope=READ, summary="一个园区 / One park")
def show_park(session: Session, key: UUID) -> Park:
    """One park."""
    return session.one(Park, key)


routes.act(
    "PATCH", ONE, run=commands.revise_park, shown=PARK, scope=WRITE, summary="修改园区 / Revise a park",
    draft=schemas.ParkRevision,
)  # fmt: skip
for action, run, text, draft in (
    ("suspend", commands.suspend_park, "暂停园区 / Suspend a park", ReasonDraft),
    ("resume", commands.resume_park, "同意恢复 / Agree to resume", Nothing),
    ("withdraw", commands.withdraw_park, "撤回草案 / Withdraw a draft", ReasonDraft),
    ("dissolve", dissolving.dissolve_park, "提议或同意解散 / Propose or agree to dissolve", schemas.DissolutionDraft),
    ("call-off", dissolving.call_off_dissolution, "撤销解散 / Call a dissolution off", Nothing),
    ("entry-rules", entry_rules.set_entry_rules, "设定入园规则 / Set the entry rules", schemas.EntryRulesDraft),
):
    routes.act("POST", f"{ONE}/{action}", run=run, shown=PARK, scope=WRITE, summary=text, draft=draft)


@routes.list(REVISIONS, AGREEMENT, scope=READ, summary="协议各版 / Revisions", query=schemas.AgreementFilter,
             order=parks.AGREEMENTS)  # fmt: skip
def list_agreements(session: Session, filters: dict[str, Any], paging: PageRequest, key: UUID) -> Page:
    """The revisions of a park's agreement, newest first."""
    return parks.agreements(session, key, filters=filters, paging=paging)


@routes.list("/v1/agreements", AGREEMENT, scope=READ, summary="各园区的协议 / Agreements of all parks",
             query=schemas.AllAgreementsFilter, order=parks.AGREEMENTS)  # fmt: skip
def list_all_agreements(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """The revisions of all parks' agreements of which the caller's tenant is a party, newest first."""
    return parks.all_agreements(session, filters, paging=paging)


@routes.get(REVISION, AGREEMENT, scope=READ, summary="一版协议 / One revision")
def show_agreement(session: Session, key: UUID, revision: int) -> Agreement:
    """One revision."""
    row = session.get(Agreement, (session.context.tenant_id, parks.agreement_key(session, key, revision=revision)))
    if row is None:
        raise NotFoundError.of("协议版次 / revision of the agreement", revision)
    return row


routes.act(
    "POST", REVISIONS, run=agreements.propose_agreement, shown=AGREEMENT, scope=WRITE, summary="提出协议 / Propose",
    draft=schemas.AgreementDraft,
)  # fmt: skip
for method, rule, step, title, body, scope in (
    ("PATCH", REVISION, agreements.amend_agreement, "修改协议 / Amend", schemas.AgreementAmendment, WRITE),
    ("POST", f"{REVISION}/sign", agreements.sign_agreement, "签署 / Sign", SignatureDraft, SIGN),
    ("POST", f"{REVISION}/refuse", agreements.refuse_agreement, "拒绝 / Refuse", ReasonDraft, SIGN),
    ("POST", f"{REVISION}/withdraw", agreements.withdraw_agreement, "撤回 / Withdraw", ReasonDraft, WRITE),
):
    routes.act(
        method, rule, run=step, shown=AGREEMENT, scope=scope, summary=title, draft=body, find=parks.agreement_key
    )

routes.history(ONE, PARK, scope=READ, of=parks.history)
