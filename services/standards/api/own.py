"""Routes by which an organisation's people see what is their own: certificates, and the standards these rest on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response

from services.standards.api.certificates import being_made
from services.standards.api.routes import routes
from services.standards.api.standards import LINE
from services.standards.commands import holders
from services.standards.commands.printing import PDF
from services.standards.domain.scopes import OWN_READ, OWN_WRITE
from services.standards.models import Certificate, CertificateRow
from services.standards.queries import own
from services.standards.queries.standards import STANDARDS
from services.standards.schemas import certificates as schemas
from shared.database.pages import Page, PageRequest
from shared.files import files
from shared.http.fields.strict import Nothing
from shared.http.lists.pages import PageFilter
from shared.http.requests import gate
from shared.http.requests.streams import sent
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.rules.acts import Act

ALL = "/v1/own/certificates"
ONE = f"{ALL}/<uuid:key>"
CERTIFICATE = ResourceView(kind=Certificate, view=schemas.CertificateView, present=own.present_own)


@routes.list(ALL, CERTIFICATE, scope=OWN_READ, summary="本组织的证书 / Own organisation's certificates",
             query=schemas.OwnCertificateFilter, order=own.CERTIFICATES)  # fmt: skip
def list_own_certificates(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Whoever issued them: those whose holder has the organisation's credit code."""
    return own.own_certificates(session, filters, paging=paging)


@routes.get(ONE, CERTIFICATE, scope=OWN_READ, summary="本组织的一份证书 / One of them")
def show_own_certificate(session: Session, key: UUID) -> Certificate | CertificateRow:
    """The whole of it."""
    return own.own_certificate(session, key)


@routes.raw(
    "GET", f"{ONE}/pdf", scope=OWN_READ, summary="本组织的证书 PDF / One of them as PDF", media=PDF,
    view=schemas.PrintingView,
)  # fmt: skip
def download_own_certificate(key: UUID) -> Response:
    """Of one that the caller's own tenant issued; another tenant keeps what it has issued itself."""
    claims = gate.enter(OWN_READ)
    context = gate.context_of(claims)
    with gate.database().session(context) as session:
        gate.check_tenant(session, claims, scope=OWN_READ)
        number, name = own.printed_file(session, key)
    if name is None:
        return being_made()
    # It is a file of the tenant's: that its holder may have it was found out above.
    with gate.database().session(replace(context, organisation_id=None, scope="tenant")) as session:
        file, opened = files.content(session, name)
    return sent(opened, name=f"{number}.pdf", media_type=PDF, sha256=file.sha256, size=file.size)


for step, past, run, text in (
    ("publish-holder", "published", holders.publish_own_holder, "公开本组织名称 / Make the own name public"),
    ("conceal-holder", "concealed", holders.conceal_own_holder,
     "不再公开本组织名称 / Make the own name public no longer"),
):  # fmt: skip
    routes.act(
        "POST", f"{ONE}/{step}", run=run, shown=CERTIFICATE, scope=OWN_WRITE, summary=text, draft=Nothing,
        audited=Act(f"standards.certificate.own_holder_{past}", *text.split(" / ")),
    )  # fmt: skip


@routes.list(
    "/v1/own/standards", LINE, scope=OWN_READ, summary="本组织所依据的标准 / Standards the own certificates rest on",
    query=PageFilter, order=STANDARDS,
)  # fmt: skip
def list_own_standards(session: Session, _filters: dict[str, Any], paging: PageRequest) -> Page:
    """Those under which the organisation's certificates were issued."""
    return own.own_standards(session, paging=paging)
