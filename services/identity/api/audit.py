"""Routes about the audit log; nothing here changes it but the record that it was exported."""

from __future__ import annotations

from typing import Any

from services.identity.queries import audited
from services.identity.routes import routes
from services.identity.schemas import audit as schemas
from shared.evidence.audit import AuditRow, detail
from shared.evidence.audit_file import export
from shared.http.declarations import Resource
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.rules.acts import AUDIT_EXPORTED, Act

RECORD = ResourceView(kind=AuditRow, view=schemas.RecordView, present=audited.present_records)
EXPORT = ResourceView(kind=dict, view=schemas.ExportView)
ACT = ResourceView(kind=Act, view=schemas.ActView)
READ = "audit:read"


def export_audit_records(session: Session, *, first: int, most: int) -> dict[str, Any]:
    """Signed records from a position on, with the keys that verify them."""
    made = export(session, first=first, most=most)
    detail(session, after={"first": first, "records": len(made["records"])})
    return made


records = Resource(routes, "/v1/audit", RECORD, read=READ)
records.list(
    audited.records,
    query=schemas.AuditFilter,
    name="list_audit_records",
    summary="审计日志 / The audit log",
)
records.get(
    export_audit_records,
    query=schemas.ExportQuery,
    shown=EXPORT,
    rule="/v1/audit/export",
    scope="audit:export",
    name="export_audit_records",
    summary="导出审计日志 / Export the audit log",
    audited=AUDIT_EXPORTED,
)
Resource(routes, "/v1/audit/acts", ACT, read=READ).list(
    audited.acts,
    order=audited.ACTS_KNOWN,
    name="list_audit_acts",
    summary="审计事项目录 / What the audit log can say",
)
