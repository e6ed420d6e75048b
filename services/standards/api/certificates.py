"""Routes of certificates: issued, changed and printed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from services.standards.api.routes import routes
from services.standards.commands import certificates as commands
from services.standards.commands import holders
from services.standards.domain.scopes import DECIDE, READ, WRITE
from services.standards.models import Certificate, CertificateRow
from services.standards.queries import certificates
from services.standards.schemas import certificates as schemas
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing, ReasonDraft
from shared.http.requests import gate
from shared.http.requests.streams import sent
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.rules.acts import Act

ALL = "/v1/certificates"
ONE = f"{ALL}/<uuid:key>"
PDF = "application/pdf"
CERTIFICATE = ResourceView(
    kind=Certificate,
    view=schemas.CertificateView,
    present=certificates.present_certificates,
    url=lambda row: f"{ALL}/{row.id}",
)


@routes.list(ALL, CERTIFICATE, scope=READ, summary="证书 / Certificates", query=schemas.CertificateFilter,
             order=certificates.CERTIFICATES)  # fmt: skip
def list_certificates(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """The caller's tenant's, or the one with a number."""
    return certificates.certificates(session, filters, paging=paging)


@routes.create(
    ALL, CERTIFICATE, scope=WRITE, summary="颁发证书 / Issue a certificate", draft=schemas.CertificateDraft,
    audited=Act("standards.certificate.issued", "颁发证书", "Certificate issued"),
)  # fmt: skip
def issue_certificate(session: Session, **arguments: Any) -> Certificate:
    """A certificate of a body of the caller's tenant."""
    return commands.issue_certificate(session, **arguments)


routes.bulk(f"{ALL}/bulk/issue", of="issue_certificate", summary="批量颁发证书 / Issue in bulk")


@routes.get(ONE, CERTIFICATE, scope=READ, summary="一份证书 / One certificate")
def show_certificate(session: Session, key: UUID) -> Certificate | CertificateRow:
    """Whoever issued it; of another tenant's what the public is told, and all where a recognition here covers it."""
    return certificates.certificate(session, key)


@routes.get(
    f"{ALL}/by-number/<certificatenumber:number>", CERTIFICATE, scope=READ, summary="按编号查证书 / By its number"
)
def show_certificate_by_number(session: Session, number: str) -> Certificate | CertificateRow:
    """The same, however the number is written."""
    return certificates.by_number(session, number)


for step, past, run, text, draft, scope in (
    ("suspend", "suspended", commands.suspend_certificate, "暂停证书 / Suspend", ReasonDraft, DECIDE),
    ("reinstate", "reinstated", commands.reinstate_certificate, "恢复证书 / Reinstate", Nothing, DECIDE),
    ("revoke", "revoked", commands.revoke_certificate, "撤销证书 / Revoke", schemas.RevocationDraft, DECIDE),
    ("replace", "replaced", commands.replace_certificate, "换发证书 / Replace", schemas.CertificateDraft, WRITE),
    ("restore", "restored", commands.restore_certificate, "更正:证书恢复 / Correct a mistake", ReasonDraft, DECIDE),
    (
        "publish-holder",
        "holder_published",
        holders.publish_holder,
        "公开持证单位名称 / Make the holder's name public",
        Nothing,
        WRITE,
    ),
    (
        "conceal-holder",
        "holder_concealed",
        holders.conceal_holder,
        "不再公开持证单位名称 / Make the holder's name public no longer",
        Nothing,
        WRITE,
    ),
):
    kept = Act(f"standards.certificate.{past}", *text.split(" / "))
    routes.act(
        "POST", f"{ONE}/{step}", run=run, shown=CERTIFICATE, scope=scope, summary=text, draft=draft, audited=kept
    )  # fmt: skip


@routes.raw(
    "GET", f"{ONE}/pdf", scope=READ, summary="证书 PDF / The certificate as PDF", media=PDF, view=schemas.PrintingView
)
def download_certificate(key: UUID) -> Response:
    """What was printed when it was issued; its state is asked for by the code on it."""
    claims = gate.enter(READ)
    with gate.database().session(gate.context_of(claims)) as session:
        gate.check_tenant(session, claims, scope=READ)
        found = certificates.printed(session, key)
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


routes.history(ONE, CERTIFICATE, scope=READ, of=certificates.history)
