"""Routes about the audit log; nothing here changes it but the record that it was exported."""

from __future__ import annotations

from typing import Any

from services.identity.queries import audited
from services.identity.routes import routes
from services.identity.schemas import audit as schemas
from shared.database.pages import Page, PageRequest
from shared.evidence.audit import AuditRow, detail
from shared.evidence.audit_file import export
from shared.http.lists.pages import PageFilter
from shared.http.resources import ResourceView
from shared.journal.session import Session
from shared.rules.acts import AUDIT_EXPORTED, Act

RECORD = ResourceView(kind=AuditRow, view=schemas.RecordView, present=audited.present_records)
EXPORT = ResourceView(kind=dict, view=schemas.ExportView)
ACT = ResourceView(kind=Act, view=schemas.ActView)
READ = "audit:read"


@routes.list("/v1/audit", RECORD, scope=READ, summary="审计日志 / The audit log", query=schemas.AuditFilter,
             order=audited.RECORDS)  # fmt: skip
def list_audit_records(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Newest first."""
    return audited.records(session, filters, paging=paging)


@routes.get("/v1/audit/export", EXPORT, scope="audit:export", summary="导出审计日志 / Export the audit log",
            query=schemas.ExportQuery, audited=AUDIT_EXPORTED)  # fmt: skip
def export_audit_records(session: Session, first: int, most: int) -> dict[str, Any]:
    """Signed records from a position on, with the keys that verify them."""
    made = export(session, first=first, most=most)
    detail(session, after={"first": first, "records": len(made["records"])})
    return made


@routes.list("/v1/audit/acts", ACT, scope=READ, summary="审计事项目录 / What the audit log can say",
             query=PageFilter, order=audited.ACTS_KNOWN)  # fmt: skip
def list_audit_acts(_session: Session, _filters: dict[str, Any], paging: PageRequest) -> Page:
    """The closed catalogue."""
    return audited.acts(paging=paging)
