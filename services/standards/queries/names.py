"""How standards and all that comes of them are called: what is broadcast as everybody's register has it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, literal, null, select

from services.standards.domain.checking import UNREADABLE, Evidence, Knowledge
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
from shared.database.rows import Register
from shared.http.names import Columns, Name, read_name
from shared.journal.session import Session

NO_TEXT = cast(null(), Text())


def _stated(register: type[Register], *names: str) -> Columns:
    return (register.id, *(register.state[name].astext for name in names))


def _certificate(key: Any, number: Any) -> Columns:
    """By number: whose it is its own tenant alone may say."""
    return key, literal("证书 ") + number, literal("certificate ") + number, number


STANDARDS = (
    (*_stated(StandardRow, "title_zh", "title_en"), StandardRow.state["numbers"][0].astext),
    (Standard.id, Standard.title_zh, Standard.title_en, Standard.numbers[1]),
)
"""By title; the number is its first issuer's. One's own is known before the register hears of it, as all of these."""
BODIES = (_stated(BodyRow, "name_zh", "name_en", "code"), (Body.id, Body.name_zh, Body.name_en, Body.code))
"""With their credit code."""
CONSULTATIONS = (
    (*_stated(ConsultationRow, "title_zh", "title_en"), NO_TEXT),
    (Consultation.id, Consultation.title_zh, Consultation.title_en, NO_TEXT),
)
"""By the title of the draft."""
CERTIFICATES = (
    _certificate(*_stated(CertificateRow, "number")),
    _certificate(Certificate.id, Certificate.number),
)
PROJECTS = ((Project.id, Project.title_zh, Project.title_en, NO_TEXT),)
RECOGNITIONS = ((Recognition.id, Recognition.title_zh, Recognition.title_en, NO_TEXT),)


def read_names(session: Session, evidence: Evidence) -> None:
    """Of the documents of an answer, as they are now: they have been read, and need not be asked for their names."""
    found: list[tuple[Knowledge, Any, Any, Any]] = []
    with suppress(*UNREADABLE):
        if evidence.certificate is not None:
            number = evidence.certificate.state["number"]
            found.append((evidence.certificate, f"证书 {number}", f"certificate {number}", number))
        if evidence.body is not None:
            state = evidence.body.state
            found.append((evidence.body, state["name_zh"], state["name_en"], state["code"]))
        if evidence.standard is not None:
            state = evidence.standard.state
            found.append((evidence.standard, state["title_zh"], state["title_en"], state["numbers"][0]))
        found += [(one, one.state["title_zh"], one.state["title_en"], None) for one in evidence.recognitions]
    for known, zh, en, code in found:
        # Whoever signed it may have put anything there; the database makes a text of it.
        if isinstance(zh, str) and zh and all(isinstance(one, str | None) for one in (en, code)):
            read_name(session, known.proof.id, name=Name(zh, en or zh, code))


def consequence_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By what they follow from."""
    found = session.execute(select(Consequence.id, Consequence.cause_key).where(Consequence.id.in_(ids)))
    return {key: Name(f"{cause} 的后续处置", f"what follows from {cause}", cause) for key, cause in found}


def comment_names(session: Any, ids: Collection[UUID]) -> dict[UUID, Name]:
    """By what they are on."""
    columns = Comment.id, Project.id, Project.title_zh, Project.title_en
    query = select(*columns).join(Project, Project.id == Comment.project_id)
    found = session.execute(query.where(Comment.id.in_(ids)))
    return {key: Name(f"对《{zh}》的意见", f"comment on {en or zh}", within=on) for key, on, zh, en in found}
