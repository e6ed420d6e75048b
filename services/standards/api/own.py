"""Routes by which an organisation's people see what is their own: certificates, and the standards these rest on."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Response

from services.standards.api.certificates import being_made
from services.standards.api.routes import routes
from services.standards.api.standards import LINE
from services.standards.commands import holders
from services.standards.commands.printing import PDF
from services.standards.domain.scopes import OWN_READ, OWN_WRITE
from services.standards.models import Certificate
from services.standards.queries import own as queries
from services.standards.queries import standards as released
from services.standards.schemas import certificates as schemas
from shared.files import files
from shared.http.declarations import Resource
from shared.http.requests import gate
from shared.http.requests.streams import sent
from shared.http.resources import ResourceView

CERTIFICATE = ResourceView(kind=Certificate, view=schemas.CertificateView, present=queries.present_own)
certificates = Resource(routes, "/v1/own/certificates", CERTIFICATE, read=OWN_READ, write=OWN_WRITE)
standards = Resource(routes, "/v1/own/standards", LINE, read=OWN_READ)

certificates.list(
    queries.own_certificates,
    query=schemas.OwnCertificateFilter,
    order=queries.CERTIFICATES,
    name="list_own_certificates",
    summary="本组织的证书 / Own organisation's certificates",
)
certificates.get(queries.own_certificate, name="show_own_certificate", summary="本组织的一份证书 / One of them")


@routes.raw(
    "GET",
    f"{certificates.one}/pdf",
    scope=OWN_READ,
    summary="本组织的证书 PDF / One of them as PDF",
    media=PDF,
    view=schemas.PrintingView,
)
def download_own_certificate(key: UUID) -> Response:
    """Of one that the caller's own tenant issued; another tenant keeps what it has issued itself."""
    claims = gate.enter(OWN_READ)
    context = gate.context_of(claims)
    with gate.database().session(context) as session:
        gate.check_tenant(session, claims, scope=OWN_READ)
        number, name = queries.printed_file(session, key)
    if name is None:
        return being_made()
    # It is a file of the tenant's: that its holder may have it was found out above.
    with gate.database().session(replace(context, organisation_id=None, scope="tenant")) as session:
        file, opened = files.content(session, name)
    return sent(opened, name=f"{number}.pdf", media_type=PDF, sha256=file.sha256, size=file.size)


certificates.act(
    holders.publish_own_holder,
    actions=("publish_holder",),
    summary="公开本组织名称 / Make the own name public",
    audited="own_holder_published",
)
certificates.act(
    holders.conceal_own_holder,
    actions=("conceal_holder",),
    summary="不再公开本组织名称 / Make the own name public no longer",
    audited="own_holder_concealed",
)
standards.list(
    queries.own_standards,
    order=released.standards.order,
    name="list_own_standards",
    summary="本组织所依据的标准 / Standards the own certificates rest on",
)
