"""Contacts: persons at an organisation, sealed at rest; changed, moved with a merger, erased without a trace."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.organisations.models import Contact, Organisation, contact_at
from shared.evidence import audit
from shared.journal.session import Session


def add_contact(session: Session, key: UUID, **person: Any) -> Contact:
    """A person at the organisation."""
    session.one(Organisation, key)
    now = session.clock.now()
    row = Contact(tenant_id=session.context.tenant_id, id=uuid4(), organisation_id=key, created_at=now, updated_at=now)
    row.seal(session.keyring.vault, person)
    session.add(row)
    given = sorted(name for name, value in person.items() if value is not None)
    audit.detail(session, subject=str(row.id), after={"organisation": str(key), "fields": given})
    return row


def revise_contact(session: Session, key: UUID, *, contact: UUID, **changes: Any) -> Contact:
    """What is given replaces what was."""
    row = contact_at(session, key, contact=contact, lock=True)
    vault = session.keyring.vault
    row.seal(vault, {**row.person(vault), **changes})
    row.updated_at = session.clock.now()
    audit.detail(session, subject=str(row.id), after={"organisation": str(key), "changed": sorted(changes)})
    return row


def erase_contact(session: Session, key: UUID, *, contact: UUID) -> Contact:
    """Nothing of the person remains here (PIPL art. 47)."""
    row = contact_at(session, key, contact=contact, lock=True)
    session.delete(row)
    audit.detail(session, subject=str(row.id), before={"organisation": str(key)})
    return row
