"""Routes of applications: what organisations ask of their tenant, and what its officials decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.organisations.api.routes import routes
from services.organisations.commands import applications as commands
from services.organisations.domain.applications import SCOPES
from services.organisations.domain.organisation import READ, WRITE
from services.organisations.models import Application
from services.organisations.queries import applications
from services.organisations.schemas import applications as schemas
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing, ReasonDraft
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.rules.acts import Act

ALL = "/v1/organisations/applications"
ONE = f"{ALL}/<uuid:key>"
APPLICATION = ResourceView(
    kind=Application,
    view=schemas.ApplicationView,
    present=applications.present_applications,
    url=lambda row: f"{ALL}/{row.id}",
)


@routes.list(ALL, APPLICATION, scope=READ, summary="机构的申请 / Applications", query=schemas.ApplicationFilter,
             order=applications.APPLICATIONS)  # fmt: skip
def list_applications(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """The tenant's, or for people of one organisation its own."""
    return applications.applications(session, filters, paging=paging)


@routes.create(
    f"{ALL}/registrations", APPLICATION, scope=WRITE, summary="开始登记申请 / Open a registration",
    draft=schemas.RegistrationDraft,
    audited=Act("organisations.application.opened", "开始登记申请", "Registration opened"),
)  # fmt: skip
def open_registration(session: Session, **arguments: Any) -> Application:
    """By officials: `organisation` in the answer is the id for which the organisation's manager is invited."""
    return commands.open_registration(session, **arguments)


@routes.create(
    f"{ALL}/qualifications", APPLICATION, scope=WRITE, summary="申请资质 / Apply for a qualification",
    draft=schemas.QualificationApplicationDraft,
    audited=Act("organisations.application.applied", "申请资质", "Qualification applied for"),
)  # fmt: skip
def apply_for_qualification(session: Session, **arguments: Any) -> Application:
    """By an organisation's own people, for their organisation."""
    return commands.apply_for_qualification(session, **arguments)


@routes.get(ONE, APPLICATION, scope=READ, summary="一份申请 / One application")
def show_application(session: Session, key: UUID) -> Application:
    """One application."""
    return session.one(Application, key)


routes.act(
    "PATCH", ONE, run=commands.revise_application, shown=APPLICATION, scope=SCOPES["revise"],
    summary="修改申请 / Revise an application", draft=schemas.ApplicationRevision,
)  # fmt: skip
for step, past, run, text, draft in (
    ("submit", "submitted", commands.submit_application, "提交申请 / Submit an application", Nothing),
    ("withdraw", "withdrawn", commands.withdraw_application, "撤回申请 / Withdraw an application", Nothing),
    ("return", "returned", commands.return_application, "退回补正 / Return an application", ReasonDraft),
    ("approve", "approved", commands.approve_application, "批准申请 / Approve an application", Nothing),
    ("refuse", "refused", commands.refuse_application, "不予批准 / Refuse an application", ReasonDraft),
):
    routes.act(
        "POST", f"{ONE}/{step}", run=run, shown=APPLICATION, scope=SCOPES[step], summary=text, draft=draft,
        audited=Act(f"organisations.application.{past}", *text.split(" / ")),
    )  # fmt: skip

routes.history(ONE, APPLICATION, scope=READ, of=applications.history)
