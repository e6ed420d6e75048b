"""What people have allowed clients to do, so that they are asked once."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete

from services.identity.models import Consent
from shared.journal.session import Session


def is_allowed(session: Session, user_id: UUID, *, client_id: str, scope: str) -> bool:
    """Whether the person has already allowed the client all of `scope` for the session's tenant."""
    row = session.get(Consent, (session.context.tenant_id, user_id, client_id))
    return row is not None and set(scope.split()) <= set(row.scope.split())


def allow(session: Session, user_id: UUID, *, client_id: str, scope: str) -> None:
    """Remember it, beside what was allowed before."""
    row = session.get(Consent, (session.context.tenant_id, user_id, client_id), with_for_update=True)
    if row is None:
        row = Consent(user_id=user_id, client_id=client_id, scope="", given_at=session.clock.now())
        session.add(row)
    row.scope = " ".join(sorted({*row.scope.split(), *scope.split()}))
    row.given_at = session.clock.now()


def withdraw(session: Session, user_id: UUID, *, client_id: str) -> None:
    """Forget all that the person has allowed the client for the session's tenant: it is asked for anew."""
    session.execute(delete(Consent).where(Consent.user_id == user_id, Consent.client_id == client_id))
