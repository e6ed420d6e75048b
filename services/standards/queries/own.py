"""What an organisation's own people see: its certificates, whoever issued them, and the standards it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from services.standards.models import Certificate, CertificateRow, Holder, Printing, StandardRow
from services.standards.queries.certificates import shown
from services.standards.queries.standards import standards
from shared.core.errors import NotFoundError
from shared.database.lists import Filters, conditions
from shared.database.pages import Order, Page, PageRequest, at_or_after, in_order
from shared.evidence.documents import documents_of
from shared.journal.session import Session
from shared.rules.permitting import own_organisation

CERTIFICATES = Order(
    {"received_at": CertificateRow.received_at}, "-received_at", (CertificateRow.id,),
    at_or_after(CertificateRow.received_at),
)  # fmt: skip


def _held(session: Session) -> ColumnElement[bool]:
    """Certificates whose holder has one of the organisation's codes; raises `RefusedError` for anybody else."""
    own = own_organisation(session.context)
    return CertificateRow.holder_code.in_(select(Holder.code).where(Holder.organisation_id == own))


def own_certificates(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """Those of any tenant, the latest first."""
    known: Filters = {"state": CertificateRow.state["state"].astext, "standard": CertificateRow.standard_id}
    query = select(CertificateRow).where(_held(session), *conditions(known, filters))
    page = in_order(session, query, order=CERTIFICATES, paging=paging)
    return replace(page, rows=_from_home(session, page.rows))


def own_certificate(session: Session, key: UUID) -> Certificate | CertificateRow:
    """One of them; raises `NotFoundError`, whatever another organisation has."""
    found = session.scalars(select(CertificateRow).where(_held(session), CertificateRow.id == key)).one_or_none()
    if found is None:
        raise NotFoundError.of(Certificate.called, key)
    return _from_home(session, [found])[0]


def _from_home(session: Session, rows: Sequence[CertificateRow]) -> list[Certificate | CertificateRow]:
    """What this tenant issued as it has it, which is more than a register tells."""
    issued = {
        row.id: row for row in session.scalars(select(Certificate).where(Certificate.id.in_([r.id for r in rows])))
    }
    return [issued.get(row.id, row) for row in rows]


def printed_file(session: Session, key: UUID) -> tuple[str, str | None]:
    """Number and file of a certificate that this tenant issued, None before it is made; raises `NotFoundError`."""
    row = own_certificate(session, key)
    if not isinstance(row, Certificate):
        raise NotFoundError.of(Certificate.called, key)
    return row.number, session.get_one(Printing, (session.context.tenant_id, key)).sha256


def present_own(session: Session, rows: Sequence[Certificate | CertificateRow]) -> list[dict[str, Any]]:
    """What the view shows: all of it, for these are its holder's."""
    documents = [{**one, "recognition": None} for one in documents_of(session, rows)]
    return shown(session, rows, documents=documents)


def own_standards(session: Session, _filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """The standards under which its certificates are."""
    rests: Select[Any] = select(CertificateRow.standard_id).where(_held(session))
    return in_order(session, select(StandardRow).where(StandardRow.id.in_(rests)), order=standards.order, paging=paging)
