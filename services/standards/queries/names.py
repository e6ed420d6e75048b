"""How standards and all that comes of them are called: what is broadcast as everybody's register has it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, null, select, union

from services.standards.models import (
    Body,
    BodyRow,
    Certificate,
    CertificateRow,
    Comment,
    Consequence,
    Consultation,
    ConsultationRow,
    Project,
    Recognition,
    Standard,
    StandardRow,
)
from shared.http.names import Name

Columns = tuple[Any, ...]
NO_TEXT = cast(null(), Text())


def standard_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By title; the number is its first issuer's. One's own is known before the register hears of it."""
    state = StandardRow.state
    columns = Standard.id, Standard.title_zh, Standard.title_en, Standard.numbers[1]
    received = StandardRow.id, state["title_zh"].astext, state["title_en"].astext, state["numbers"][0].astext
    return _named(session, ids, own=columns, received=received)


def body_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """With their credit code."""
    state = BodyRow.state
    columns = Body.id, Body.name_zh, Body.name_en, Body.code
    received = BodyRow.id, state["name_zh"].astext, state["name_en"].astext, state["code"].astext
    return _named(session, ids, own=columns, received=received)


def consultation_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By the title of the draft."""
    state = ConsultationRow.state
    columns = Consultation.id, Consultation.title_zh, Consultation.title_en, NO_TEXT
    received = ConsultationRow.id, state["title_zh"].astext, state["title_en"].astext, NO_TEXT
    return _named(session, ids, own=columns, received=received)


def certificate_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By number: whose it is its own tenant alone may say."""
    own = select(Certificate.id, Certificate.number).where(Certificate.id.in_(ids))
    received = select(CertificateRow.id, CertificateRow.state["number"].astext).where(CertificateRow.id.in_(ids))
    found = session.execute(union(own, received))
    return {key: Name(f"证书 {number}", f"certificate {number}", number) for key, number in found if number}


def project_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By title."""
    return _titled(session, Project, ids=ids)


def recognition_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By title."""
    return _titled(session, Recognition, ids=ids)


def consequence_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By what they follow from."""
    found = session.execute(select(Consequence.id, Consequence.cause_key).where(Consequence.id.in_(ids)))
    return {key: Name(f"{cause} 的后续处置", f"what follows from {cause}", cause) for key, cause in found}


def comment_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By what they are on."""
    query = select(Comment.id, Project.title_zh, Project.title_en).join(Project, Project.id == Comment.project_id)
    found = session.execute(query.where(Comment.id.in_(ids)))
    return {key: Name(f"对《{zh}》的意见", f"comment on {en or zh}") for key, zh, en in found}


def _titled(session: Any, kind: type[Project | Recognition], *, ids: Collection[UUID]) -> dict[UUID, Name]:
    found = session.execute(select(kind.id, kind.title_zh, kind.title_en).where(kind.id.in_(ids)))
    return {key: Name(zh, en or zh) for key, zh, en in found}


def _named(session: Any, ids: Collection[UUID], *, own: Columns, received: Columns) -> dict[UUID, Name]:
    both = union(*(select(*columns).where(columns[0].in_(ids)) for columns in (own, received)))
    return {key: Name(zh, en or zh, code) for key, zh, en, code in session.execute(both) if zh}
