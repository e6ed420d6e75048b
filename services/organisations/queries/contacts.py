"""Contacts of an organisation, unsealed for those who may see persons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.organisations.models import PERSON, Contact, Organisation, contact_at
from shared.database.lists import ListQuery
from shared.database.pages import Order, at_or_after
from shared.journal.session import Session

LAW = "中华人民共和国个人信息保护法 第四十五条 / PIPL art. 45"

contacts = ListQuery(
    Contact,
    Order(
        {name: getattr(Contact, name) for name in ("id", "created_at", "updated_at")},
        "id",
        (Contact.id,),
        at_or_after(Contact.updated_at),
    ),
    under=(Organisation, Contact.organisation_id),
)
"""An organisation's contacts in a fixed order."""


def contact(session: Session, key: UUID, *, contact: UUID) -> Contact:
    """Raises `NotFoundError` unless this organisation has this contact."""
    return contact_at(session, key, contact=contact)


def present_contacts(session: Session, rows: Sequence[Contact]) -> list[dict[str, Any]]:
    """What the view shows."""
    return [{**_meta(row), **row.person(session.keyring.vault)} for row in rows]


def present_exports(session: Session, rows: Sequence[Contact]) -> list[dict[str, Any]]:
    """All that is held on the person, with where and why it is held."""
    return [
        {**_meta(row), "law": LAW, "exported_at": session.clock.now(), "person": row.person(session.keyring.vault)}
        for row in rows
    ]


def present_erased(_session: Session, rows: Sequence[Contact]) -> list[dict[str, Any]]:
    """That it is gone, and nothing of what it was."""
    return [{"id": row.id, "organisation": row.organisation_id, "erased": list(PERSON)} for row in rows]


def _meta(row: Contact) -> dict[str, Any]:
    return {
        "id": row.id,
        "organisation": row.organisation_id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
