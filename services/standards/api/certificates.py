"""Routes of certificates: issued, changed and printed."""

from __future__ import annotations

from uuid import UUID

from flask import Response, jsonify

from services.standards.api.routes import routes
from services.standards.commands import certificates as commands
from services.standards.commands import holders
from services.standards.domain.scopes import DECIDE, READ, WRITE
from services.standards.models import Certificate
from services.standards.queries import certificates as queries
from services.standards.schemas import certificates as schemas
from shared.http.declarations import Resource
from shared.http.fields.strict import Nothing, ReasonDraft
from shared.http.requests import gate
from shared.http.requests.streams import sent
from shared.http.resources import ResourceView
from shared.rules.acts import Act

ALL = "/v1/certificates"
PDF = "application/pdf"
CERTIFICATE = ResourceView(
    kind=Certificate,
    view=schemas.CertificateView,
    present=queries.present_certificates,
    url=lambda row: f"{ALL}/{row.id}",
)
ISSUED = Act("standards.certificate.issued", "颁发证书", "Certificate issued")
certificates = Resource(routes, ALL, CERTIFICATE, read=READ, write=WRITE)

certificates.list(
    queries.certificates, query=schemas.CertificateFilter, order=queries.LISTED.order, summary="证书 / Certificates"
)
certificates.create(
    commands.issue_certificate,
    draft=schemas.CertificateDraft,
    summary="颁发证书 / Issue a certificate",
    audited=ISSUED,
)
certificates.bulk("issue_certificate", summary="批量颁发证书 / Issue in bulk")
certificates.get(queries.certificate, summary="一份证书 / One certificate")
certificates.get(
    queries.by_number,
    rule=f"{ALL}/by-number/<certificatenumber:number>",
    name="show_certificate_by_number",
    summary="按编号查证书 / By its number",
)
PUBLISH = "公开持证单位名称 / Make the holder's name public"
CONCEAL = "不再公开持证单位名称 / Make the holder's name public no longer"
for run, draft, scope, summary, past in (
    (commands.suspend_certificate, ReasonDraft, DECIDE, "暂停证书 / Suspend", "suspended"),
    (commands.reinstate_certificate, Nothing, DECIDE, "恢复证书 / Reinstate", "reinstated"),
    (commands.revoke_certificate, schemas.RevocationDraft, DECIDE, "撤销证书 / Revoke", "revoked"),
    (commands.replace_certificate, schemas.CertificateDraft, WRITE, "换发证书 / Replace", "replaced"),
    (commands.restore_certificate, ReasonDraft, DECIDE, "更正:证书恢复 / Correct a mistake", "restored"),
    (holders.publish_holder, Nothing, WRITE, PUBLISH, "holder_published"),
    (holders.conceal_holder, Nothing, WRITE, CONCEAL, "holder_concealed"),
):
    certificates.act(run, draft=draft, scope=scope, summary=summary, audited=past)


@routes.raw(
    "GET",
    f"{certificates.one}/pdf",
    scope=READ,
    summary="证书 PDF / The certificate as PDF",
    media=PDF,
    view=schemas.PrintingView,
)
def download_certificate(key: UUID) -> Response:
    """What was printed when it was issued; its state is asked for by the code on it."""
    claims = gate.enter(READ)
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims, scope=READ)
        found = queries.printed(session, key)
    if found is None:
        return being_made()
    row, file, opened = found
    return sent(opened, name=f"{row.number}.pdf", media_type=PDF, sha256=file.sha256, size=file.size)


def being_made() -> Response:
    """202: it will be there in a moment."""
    said = {"zh": "证书的 PDF 正在生成,请稍后重试。", "en": "The PDF is being made. Try again in a moment."}
    response = jsonify(code="pdf_being_made", message=said)
    response.status_code, response.headers["Retry-After"] = 202, "2"
    return response


certificates.history()
