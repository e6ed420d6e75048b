"""Routes of applications: what organisations ask of their tenant, and what its officials decide."""

from __future__ import annotations

from services.organisations.api.routes import routes
from services.organisations.commands import applications as commands
from services.organisations.domain.organisation import DECIDE, READ, WRITE
from services.organisations.models import Application
from services.organisations.queries import applications as queries
from services.organisations.schemas import applications as schemas
from shared.http.declarations import Resource
from shared.http.fields.strict import ReasonDraft
from shared.http.resources import ResourceView
from shared.rules.acts import Act

ALL = "/v1/organisations/applications"
APPLICATION = ResourceView(
    kind=Application,
    view=schemas.ApplicationView,
    present=queries.present_applications,
    url=lambda row: f"{ALL}/{row.id}",
)
OPENED = Act("organisations.application.opened", "开始登记申请", "Registration opened")
APPLIED = Act("organisations.application.applied", "申请资质", "Qualification applied for")
applications = Resource(routes, ALL, APPLICATION, read=READ, write=WRITE)

applications.list(
    queries.applications,
    query=schemas.ApplicationFilter,
    summary="机构的申请 / Applications",
)
applications.create(
    commands.open_registration,
    draft=schemas.RegistrationDraft,
    rule=f"{ALL}/registrations",
    by="office",
    summary="开始登记申请 / Open a registration",
    audited=OPENED,
)
applications.create(
    commands.apply_for_qualification,
    draft=schemas.QualificationApplicationDraft,
    rule=f"{ALL}/qualifications",
    by="organisation",
    summary="申请资质 / Apply for a qualification",
    audited=APPLIED,
)
applications.get(summary="一份申请 / One application")
applications.revise(
    commands.revise_application, draft=schemas.ApplicationRevision, summary="修改申请 / Revise an application"
)
applications.act(commands.submit_application, summary="提交申请 / Submit an application", audited="submitted")
applications.act(commands.withdraw_application, summary="撤回申请 / Withdraw an application", audited="withdrawn")
applications.act(
    commands.return_application,
    draft=ReasonDraft,
    scope=DECIDE,
    summary="退回补正 / Return an application",
    audited="returned",
)
applications.act(
    commands.approve_application, scope=DECIDE, summary="批准申请 / Approve an application", audited="approved"
)
applications.act(
    commands.refuse_application,
    draft=ReasonDraft,
    scope=DECIDE,
    summary="不予批准 / Refuse an application",
    audited="refused",
)
applications.history()
