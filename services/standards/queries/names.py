"""How standards and all that comes of them are called: what is broadcast as everybody's register has it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, cast, null, select, union

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
from shared.database.prepared import Prepared
from shared.database.rows import Register
from shared.http.names import Name

Columns = tuple[Any, ...]
NO_TEXT = cast(null(), Text())


def _both(own: Columns, received: Columns) -> Prepared:
    """Of those with these `ids`, as the tenant has them and as the register does."""
    wanted = any_(bindparam("ids", type_=ARRAY(Uuid())))
    return Prepared(lambda: union(*(select(*columns).where(columns[0] == wanted) for columns in (own, received))))


def _stated(register: type[Register], *names: str) -> Columns:
    return (register.id, *(register.state[name].astext for name in names))


STANDARDS = _both(
    (Standard.id, Standard.title_zh, Standard.title_en, Standard.numbers[1]),
    (*_stated(StandardRow, "title_zh", "title_en"), StandardRow.state["numbers"][0].astext),
)
BODIES = _both((Body.id, Body.name_zh, Body.name_en, Body.code), _stated(BodyRow, "name_zh", "name_en", "code"))
CONSULTATIONS = _both(
    (Consultation.id, Consultation.title_zh, Consultation.title_en, NO_TEXT),
    (*_stated(ConsultationRow, "title_zh", "title_en"), NO_TEXT),
)
CERTIFICATES = _both((Certificate.id, Certificate.number), _stated(CertificateRow, "number"))


def standard_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By title; the number is its first issuer's. One's own is known before the register hears of it."""
    return _named(session, STANDARDS, ids=ids)


def body_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """With their credit code."""
    return _named(session, BODIES, ids=ids)


def consultation_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By the title of the draft."""
    return _named(session, CONSULTATIONS, ids=ids)


def certificate_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By number: whose it is its own tenant alone may say."""
    found = CERTIFICATES.rows(session, ids=list(ids))
    return {key: Name(f"证书 {number}", f"certificate {number}", number) for key, number in found if number}


def _titles(kind: type[Project | Recognition]) -> Prepared:
    wanted = any_(bindparam("ids", type_=ARRAY(Uuid())))
    return Prepared(lambda: select(kind.id, kind.title_zh, kind.title_en, NO_TEXT).where(kind.id == wanted))


PROJECTS, RECOGNITIONS = _titles(Project), _titles(Recognition)


def project_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By title."""
    return _named(session, PROJECTS, ids=ids)


def recognition_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By title."""
    return _named(session, RECOGNITIONS, ids=ids)


def consequence_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By what they follow from."""
    found = session.execute(select(Consequence.id, Consequence.cause_key).where(Consequence.id.in_(ids)))
    return {key: Name(f"{cause} 的后续处置", f"what follows from {cause}", cause) for key, cause in found}


def comment_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By what they are on."""
    query = select(Comment.id, Project.title_zh, Project.title_en).join(Project, Project.id == Comment.project_id)
    found = session.execute(query.where(Comment.id.in_(ids)))
    return {key: Name(f"对《{zh}》的意见", f"comment on {en or zh}") for key, zh, en in found}


def _named(session: Any, query: Prepared, *, ids: Collection[UUID]) -> dict[UUID, Name]:
    found = query.rows(session, ids=list(ids))
    return {key: Name(zh, en or zh, code) for key, zh, en, code in found if zh}
