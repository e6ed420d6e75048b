"""Lists of certificates, the one with a number, its PDF, and what their view shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import Session as OrmSession

from services.standards.domain.lifecycles import CERTIFICATE_LIFECYCLE
from services.standards.domain.numbers import read_number
from services.standards.domain.publicity import is_told, telling
from services.standards.models import Certificate, CertificateRow, Printing, certificate_id
from services.standards.queries.bodies import correctable
from services.standards.queries.recognised import readable
from shared.core.errors import NotFoundError
from shared.database.counting import Total
from shared.database.lists import ListQuery
from shared.database.pages import Page, PageRequest
from shared.evidence.documents import documents_of, possible_at_home
from shared.evidence.texts import texts
from shared.files import files
from shared.files.files import FileRow
from shared.journal.session import Session
from shared.keys.directory import Directory
from shared.replication.delivery import order_of
from shared.text.identifiers.certificates import Number
from shared.text.identifiers.writing import NotOneError, compactly, crockford
from shared.text.matching import starts_with


def number_begins(question: str) -> ColumnElement[bool]:
    """Whether the number begins with what is asked for, with or without the tenant's code and the year before it."""
    whole = read_number(question)
    if whole is not None:
        return Certificate.number == whole.text
    try:
        asked = compactly(question)
    except NotOneError:
        return false()
    if not asked.isascii() or not asked:
        return false()
    parts = {Certificate.number: asked, Certificate.dated: crockford(asked), Certificate.drawn: crockford(asked)}
    return or_(*(starts_with(part, text) for part, text in parts.items()))


LISTED = ListQuery(
    Certificate,
    order_of(Certificate, "number", "valid_to"),
    {
        "state": Certificate.state,
        "standard": Certificate.standard_id,
        "body": Certificate.body_id,
        "holder": Certificate.holder["code"].astext,
        "q": number_begins,
    },
)
"""The tenant's, newest first."""


def certificates(session: Session, filters: Mapping[str, Any], *, paging: PageRequest) -> Page:
    """The tenant's certificates, newest first; asked for a number, the one with it, whoever issued it."""
    if "number" in filters:
        key = id_of(session, session.directory, number=read_number(filters["number"]))
        found = None if key is None else _stored(session, key)
        return Page([], None, Total(0)) if found is None else Page([found], None, Total(1))
    return LISTED(session, filters, paging=paging)


def id_of(session: OrmSession, directory: Directory, *, number: Number | None) -> UUID | None:
    """The id of the certificate with this number, existing or not; None for what cannot be a number of anybody."""
    home = None if number is None else directory.named(session, number.code)
    return None if number is None or home is None else certificate_id(home.id, number.text)


def certificate(session: Session, key: UUID) -> Certificate | CertificateRow:
    """One's own as it is, another tenant's as the register tells of it; raises `NotFoundError`."""
    found = _stored(session, key)
    if found is None:
        raise NotFoundError.of(Certificate.called, key)
    return found


def _stored(session: Session, key: UUID) -> Certificate | CertificateRow | None:
    return session.get(Certificate, (session.context.tenant_id, key)) or session.get(CertificateRow, key)


def printed(session: Session, key: UUID) -> tuple[Certificate, FileRow, BinaryIO] | None:
    """The certificate, its PDF and that one's content, None before it is made; raises `NotFoundError`."""
    row = session.one(Certificate, key)
    printing = session.get_one(Printing, (session.context.tenant_id, key))
    return None if printing.sha256 is None else (row, *files.content(session, printing.sha256))


def by_number(session: Session, number: str) -> Certificate | CertificateRow:
    """The same by its number; raises `NotFoundError`."""
    key = id_of(session, session.directory, number=read_number(number))
    found = None if key is None else _stored(session, key)
    if found is None:
        raise NotFoundError.of(Certificate.called, number)
    return found


def present_certificates(session: Session, rows: Sequence[Certificate | CertificateRow]) -> list[dict[str, Any]]:
    """What the view shows; the holder's name is known to its own tenant alone, and nowhere once it is erased."""
    return shown(session, rows, documents=readable(session, documents_of(session, rows)))


def shown(
    session: Session, rows: Sequence[Certificate | CertificateRow], *, documents: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The same of these documents."""
    own = [(row.id, row.holder.get("name_digest")) for row in rows if isinstance(row, Certificate)]
    names = {key: name for (key, _digest), name in texts(session, own).items()}
    made = []
    for item in documents:
        holder, is_own = item["holder"], item["tenant"] == str(session.context.party)
        actions = correctable(item, possible_at_home(session, item, lifecycle=CERTIFICATE_LIFECYCLE))
        told = telling(item["state"], holder) if is_own else None
        made.append(
            {
                **item,
                # With the name; None where another tenant's document says nothing of the kind.
                "holder": {**holder, "name_zh": names.get(item["id"])} if isinstance(holder, dict) else None,
                "holder_public": is_told(holder),
                "allowed_actions": [*actions, told] if told else actions,
            }
        )
    return made
