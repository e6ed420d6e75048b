"""Contacts of an organisation, unsealed for those who may see persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.organisations.models import PERSON, Contact, Organisation
from shared.core.errors import NotFoundError
from shared.database.pages import Order, Page, PageRequest, at_or_after, in_order
from shared.journal.session import Session

LAW = "中华人民共和国个人信息保护法 第四十五条 / PIPL art. 45"

CONTACTS = Order(
    {name: getattr(Contact, name) for name in ("id", "created_at", "updated_at")},
    "id", (Contact.id,), at_or_after(Contact.updated_at),
)  # fmt: skip


def contacts(session: Session, _filters: Mapping[str, Any], *, paging: PageRequest, key: UUID) -> Page:
    """The organisation's contacts in a fixed order; raises `NotFoundError` for an unknown organisation."""
    session.one(Organisation, key)
    return in_order(session, select(Contact).where(Contact.organisation_id == key), order=CONTACTS, paging=paging)


def contact(session: Session, key: UUID, *, contact: UUID) -> Contact:
    """Raises `NotFoundError` unless this organisation has this contact."""
    row = session.get(Contact, (session.context.tenant_id, contact))
    if row is None or row.organisation_id != key:
        raise NotFoundError.of("联系人 / contact", contact)
    return row


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
